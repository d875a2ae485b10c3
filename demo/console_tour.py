"""The console in the demo: its own process, a ready account for each role, and a telephone that shows their codes.

The accounts' second factors are made here, in the demo's own tables, with secrets that the demo keeps in its memory. No
command of the product can do that: everywhere else somebody sets up their own, and nobody else sees its secret.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import json
import re
import secrets
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from demo.people import People
from demo.serving import until_it_answers
from demo.stage import Stage

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True, slots=True)
class Login:
    """One ready account. ``secret`` is its app's key, base32."""

    role: str
    address: str
    password: str
    secret: str

    def code(self) -> str:
        """What its app shows now (RFC 6238)."""
        step = struct.pack(">Q", int(datetime.now(UTC).timestamp()) // 30)  # noqa: TID251 - the demo is an edge
        digest = hmac.digest(base64.b32decode(self.secret), step, "sha1")
        start = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def accounts(people: People) -> list[Login]:
    """An account for each role; two reviewers and two records officers, since some things take two."""
    from allauth.mfa.totp.internal.auth import TOTP

    from web import clock
    from web.accounts import making
    from web.accounts.roles import Role

    officer = people.officers[0]
    domain = officer.email.partition("@")[2]
    wanted = [(role, role.label, f"{role}@{domain}") for role in Role if role is not Role.OFFICER]
    wanted.append((Role.REVIEWER, "Second reviewer", f"second-reviewer@{domain}"))
    wanted.append((Role.RECORDS, "Second records officer", f"second-records-officer@{domain}"))
    made = []
    for role, name, address in [(Role.OFFICER, officer.name, officer.email), *wanted]:
        login = Login(str(role), address, secrets.token_urlsafe(9), base64.b32encode(secrets.token_bytes(20)).decode())
        account = making.make(address, name, [role], "cli:demo", clock.now())
        account.set_password(login.password)
        account.officer = officer.id if role is Role.OFFICER else ""
        account.save(update_fields=["password", "officer"])
        TOTP.activate(account, login.secret)
        made.append(login)
    return made


@contextmanager
def running_console(stage: Stage, *, worker: bool) -> Iterator[None]:
    """`sallyport web` as its own process, and the two that do what it may not.

    `sallyport worker` carries out what reviewers rule, `sallyport keyholder` opens what the breach team asks to see.
    """
    with ExitStack() as stack:
        web = stack.enter_context(_process(stage, "web"))
        if worker:
            stack.enter_context(_process(stage, "worker"))
            keys = [stage.home / "masters" / f"{name}.age-key" for name in ("records", "service")]
            stack.enter_context(_process(stage, "keyholder", *(word for key in keys for word in ("-i", str(key)))))
        until_it_answers(web, stage.console_port, "/sign-in/", "The console", stage.folder / "web.log")
        yield


@contextmanager
def _process(stage: Stage, command: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    with (stage.folder / f"{command}.log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", command, *more], env=stage.environment(), stderr=out, stdout=out
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()


def tour(stage: Stage, out: Console, logins: list[Login]) -> Iterator[str]:
    """Sign in as each role over HTTP, as a browser without scripts does; gives what went wrong, if anything."""
    out.print(f"\nThe console is at {console_url(stage)} , with an account for each role:\n", soft_wrap=True)
    table = Table("role", "e-mail address", "password", "app's key")
    for login in logins:
        table.add_row(login.role, login.address, login.password, login.secret)
        if "What waits for you" not in _start_page(stage, login):
            yield f"{login.address} could not sign in to the console"
    out.print(table)


def _start_page(stage: Stage, login: Login) -> str:
    browser = _Browser(stage.console_port)
    page = browser.get("/sign-in/")
    browser.post("/sign-in/", page, login=login.address, password=login.password)
    page = browser.get("/sign-in/code/")
    browser.post("/sign-in/code/", page, code=login.code())
    return browser.get("/")


class _Browser:
    """Keeps cookies, sends forms, and no more."""

    def __init__(self, port: int) -> None:
        self._port, self._cookies = port, dict[str, str]()

    def get(self, path: str) -> str:
        return self._ask("GET", path, None)

    def post(self, path: str, page: str, **fields: str) -> str:
        token = _TOKEN.search(page)
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": token[1] if token else "", **fields}))

    def _ask(self, method: str, path: str, body: str | None) -> str:
        client = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": "; ".join(f"{n}={v}" for n, v in self._cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        client.request(method, path, body, headers)
        answer = client.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.strip().partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.read().decode()


@contextmanager
def telephone(stage: Stage, logins: list[Login]) -> Iterator[str]:
    """A page on this machine alone that shows the codes of now, as the people's apps would; its address."""

    class Screen(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            as_json = self.path == "/codes.json"
            body = (json.dumps(_codes(logins)) if as_json else _screen(logins)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json" if as_json else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # the demo's own screen is for mails
            pass

    with ThreadingHTTPServer(("127.0.0.1", stage.telephone_port), Screen) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{stage.telephone_port}/"
        server.shutdown()


def _codes(logins: list[Login]) -> list[Mapping[str, str]]:
    return [
        {"role": each.role, "address": each.address, "password": each.password, "code": each.code()} for each in logins
    ]


def _screen(logins: list[Login]) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.role)}<td>{escape(each.address)}<td><code>{escape(each.password)}</code>"
        f"<td><b>{each.code()}</b>"
        for each in logins
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        "<title>Codes of the demo's people</title><style>body{font:18px system-ui;margin:2em}"
        "td,th{padding:6px 18px 6px 0;text-align:left}</style><h1>The demo's telephone</h1>"
        "<p>Each code works once, and a new one comes every 30 seconds."
        f"<table><tr><th>role<th>e-mail address<th>password<th>code{rows}</table></html>"
    )


def console_url(stage: Stage) -> str:
    """Where the console is."""
    return f"http://127.0.0.1:{stage.console_port}"
