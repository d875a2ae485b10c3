"""``sallyport web``, ``worker`` and ``token`` as their user runs them: a real server, real TLS, real processes."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from tests.support.api import HOME, PERSON
from tests.support.certificates import make_certificate
from tests.support.house import ROOT, House, free_port

granian = pytest.mark.skipif(find_spec("granian") is None, reason="granian is missing")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    made = House(tmp_path_factory.mktemp("api"), free_port())
    made.command("setup", str(made.home), "--domain", "council.example")
    return made


def new_token(house: House, name: str, *scopes: str) -> str:
    words = [w for s in scopes for w in ("--scope", s)]
    return house.command("token", "add", name, *words).stdout.strip()


@contextmanager
def serving(house: House, **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port of ``sallyport web``, until the block ends."""
    port = free_port()
    environment = house.environment() | {"SALLYPORT_WEB__PORT": str(port)}
    environment |= {f"SALLYPORT_WEB__{n.upper()}": v for n, v in settings.items()}
    with (house.folder / "web.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "cli", "web"], env=environment, cwd=house.folder, stdout=log, stderr=log
        )
        try:
            for _ in range(600):
                assert server.poll() is None, log_of(house)
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port, server
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0


def log_of(house: House) -> str:
    return (house.folder / "web.log").read_text(errors="replace")


def ask(
    port: int, token: str, method: str, path: str, body: Any = None, tls: Path | None = None, **more: str
) -> tuple[int, Any]:
    """Status and JSON. ``more`` are headers."""
    connection: http.client.HTTPConnection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    if tls:
        context = ssl.create_default_context(cafile=str(tls))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"} | more
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, json.loads(said) if said else None


@granian
@pytest.mark.skipif(which("curl") is None, reason="curl is missing")
def test_the_pages_first_record_is_made_as_it_says(tmp_path: Path) -> None:
    """Every line of docs/api.md in a new service: recorded, found by the council ID, changed."""
    fresh = House(tmp_path, free_port())
    fresh.command("setup", str(fresh.home), "--domain", "council.example")
    (script,) = re.findall(
        r"^```sh\n(.*?)^```$", (ROOT / "docs" / "api.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    with serving(fresh) as (port, _):
        words = (
            f'set -e; sallyport() {{ "{sys.executable}" -m cli "$@"; }}; curl() {{ command curl -s -f "$@"; echo; }}\n'
        )
        lines = words + script.replace(":8025/", f":{port}/")
        done = subprocess.run(
            ["bash", "-c", lines], env=fresh.environment(), cwd=tmp_path, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    made, found, changed = (json.loads(line) for line in done.stdout.splitlines())
    assert found["items"] == [made]
    assert (changed["id"], changed["date_of_birth"]) == (made["id"], "1980-02-29")


@granian
def test_a_program_reads_and_writes_over_a_real_server(house: House) -> None:
    """Four at once; a revoked token opens nothing from the next request on; the log names nobody."""
    token = new_token(house, "case-system", "register:read", "register:write")
    answers: list[int] = []
    with serving(house) as (port, _):
        assert ask(port, token, "POST", "/api/people", PERSON)[0] == 201

        def write(n: int) -> None:
            answers.append(ask(port, token, "POST", "/api/households", HOME | {"code": f"H-{n}"})[0])

        threads = [threading.Thread(target=write, args=(n,)) for n in range(12)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert answers == [201] * 12
        assert len(ask(port, token, "GET", "/api/households")[1]["items"]) == 12
        house.command("token", "revoke", "case-system")
        assert ask(port, token, "GET", "/api/people")[0] == 401
    log = log_of(house)
    assert "api/households" in log
    assert [w for w in ("Ann", "999000", "SL-0", token) if w in log] == []


@granian
def test_a_real_server_takes_no_body_that_is_too_large(house: House) -> None:
    """Nor one that does not say how long it is."""
    token = new_token(house, "large", "register:write")
    with serving(house, max_body="1000") as (port, _):
        assert ask(port, token, "POST", "/api/households", HOME | {"name": "x" * 2000})[0] == 413
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/households", iter([b"{}"] * 2000), headers, encode_chunked=True)
            assert connection.getresponse().status in {400, 411, 413, 415, 422}
        except (BrokenPipeError, ConnectionResetError):
            pass  # it hung up on the rest, which is an answer, too
        connection.close()
        assert ask(port, token, "POST", "/api/households", HOME | {"code": "H-large"})[0] == 201


@granian
def test_bodies_that_do_not_arrive_hold_up_nobody(house: House) -> None:
    """As many as there are threads, and more: others read and write meanwhile."""
    token = new_token(house, "stalled", "register:read", "register:write")
    with serving(house, threads="2", body_seconds="300") as (port, _), ExitStack() as held:
        for _ in range(10):
            _stalled(port, held)
        assert ask(port, token, "GET", "/api/people")[0] == 200
        assert ask(port, token, "POST", "/api/teams", HOME | {"code": "T-stalled"})[0] == 201


@granian
def test_a_body_that_does_not_arrive_is_408_and_its_connection_ends(house: House) -> None:
    """No matter that nobody has asked it for a token yet."""
    with serving(house, body_seconds="1") as (port, _), ExitStack() as held:
        stalled = _stalled(port, held)
        answer = b""
        while more := stalled.recv(65536):
            answer += more
        assert (answer.split(b"\r\n")[0], b"arrive in time" in answer) == (b"HTTP/1.1 408 Request Timeout", True)


@granian
@pytest.mark.parametrize(
    "sent", [b"", b"GET /api/docs HTTP/1.1\r\n", b"GET /api/docs HTTP/1.1\r\nHost: localhost\r\n\r\n"]
)
def test_a_connection_that_asks_nothing_ends(house: House, sent: bytes) -> None:
    """At once, in the middle of the headers, and after an answer: each holds one of so many places."""
    with serving(house) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=60) as idle:
        idle.sendall(sent)
        while idle.recv(65536):
            pass
        assert ask(port, "", "GET", "/api/people")[0] == 401


def _stalled(port: int, held: ExitStack) -> socket.socket:
    """A connection that has sent the headers of a request, and one byte of the body."""
    made = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
    made.sendall(b"POST /api/teams HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
    made.sendall(b"Content-Length: 1000\r\n\r\n{")
    return made


@granian
def test_those_who_wait_for_a_change_do_not_hold_up_others(house: House) -> None:
    """While two programs wait, a third one writes; and that is what the two were waiting for."""
    token = new_token(house, "waiting", "feed:read", "register:read", "register:write")
    seen: list[Any] = []
    with serving(house) as (port, _):
        now = ask(port, token, "GET", "/api/changes?limit=500")[1]["next"]
        where = f"/api/changes?after={now}&wait=25"
        threads = [threading.Thread(target=lambda: seen.append(ask(port, token, "GET", where)[1])) for _ in range(2)]
        for t in threads:
            t.start()
        for _ in range(10):
            assert ask(port, token, "GET", "/api/people")[0] == 200
        assert seen == []
        assert ask(port, token, "POST", "/api/teams", HOME | {"code": "T-waited"})[0] == 201
        for t in threads:
            t.join()
    assert [[c["kind"] for c in s["items"]] for s in seen] == [["team"], ["team"]]


@granian
def test_tls_is_served(house: House, tmp_path: Path) -> None:
    """And known as such, so that callers from elsewhere may come in, whatever a header says."""
    files = make_certificate(tmp_path)
    token = new_token(house, "tls", "register:read")
    with serving(house, tls_certificate=str(files.certificate), tls_key=str(files.key)) as (port, _):
        outside = {"X-Forwarded-Proto": "http"}
        assert ask(port, token, "GET", "/api/people", tls=files.ca, **outside)[0] == 200
    with serving(house) as (port, _):
        assert ask(port, token, "GET", "/api/people", **outside)[0] == 403


def test_beyond_this_machine_there_is_tls(house: House) -> None:
    """Start-up is refused."""
    environment = house.environment() | {"SALLYPORT_WEB__HOST": "0.0.0.0"}
    words = [sys.executable, "-m", "cli", "web"]
    done = subprocess.run(
        words, env=environment, cwd=house.folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, "without TLS" in done.stderr) == (3, True)


def test_tokens_are_managed(house: House) -> None:
    """Shown once, listed without, revoked; every mistake is a sentence."""
    token = new_token(house, "listed", "feed:read", "register:read")
    assert token.startswith("slp_")
    shown = house.command("token", "list").stdout
    assert ("listed" in shown, token in shown) == (True, False)
    for words, code in (
        (("add", "listed", "--scope", "feed:read"), 5),
        (("add", "other"), 5),
        (("add", "other", "--scope", "x"), 5),
        (("add", "\u00e9", "--scope", "feed:read"), 5),
        (("revoke", "nobody"), 5),
        (("add", "other", "--scope", "feed:read", "--days", "0"), 2),
    ):
        done = house.command("token", *words, check=False)
        assert (done.returncode, done.stderr.count("sallyport:")) == (code, 1), words
    assert house.command("token", "revoke", "listed").stdout == "Revoked.\n"


def test_a_worker_tells_a_webhook_over_tls(house: House, tmp_path: Path) -> None:
    """By the council's own authority; not without it, and not where the operator lets no such address be told."""
    files, got = make_certificate(tmp_path), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        new_token(house, "hooked", "webhooks:write")
        networks = {"SALLYPORT_WEB__WEBHOOK_NETWORKS": '["127.0.0.0/8"]'}
        for wrong in (networks, {"SALLYPORT_WEB__WEBHOOK_CA_FILE": str(files.ca)}):
            house.extra.update(wrong)
            _put_webhook(house, f"https://127.0.0.1:{server.server_port}/")
            house.command("worker", "--once")
            house.extra.clear()
            assert got == []
        house.extra.update(networks, SALLYPORT_WEB__WEBHOOK_CA_FILE=str(files.ca))
        _put_webhook(house, f"https://127.0.0.1:{server.server_port}/")
        house.command("worker", "--once")
    finally:
        house.extra.clear()
        server.shutdown()
        thread.join()
        server.server_close()
    assert [c["kind"] for c in got] == ["team"]


def _put_webhook(house: House, url: str) -> None:
    """One webhook that is due, and one change that it has not been told."""
    program = f"""
import django; django.setup()
from register import models as m
from web import clock
from web.api.models import ApiToken, Webhook
token = ApiToken.objects.get(name="hooked")
m.Team(code="T-%d" % m.Team.objects.count()).save()
last = m.Change.objects.order_by("-number").first().number
Webhook.objects.all().delete()
Webhook(token=token, url={url!r}, secret="whsec_" + "A" * 44, cursor=last - 1, created_at=clock.now()).save()
"""
    environment = house.environment() | {"DJANGO_SETTINGS_MODULE": "config.django"}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=house.folder, check=True, timeout=60)


def test_a_worker_stops_when_it_is_told(house: House) -> None:
    """SIGTERM, and exit code 0."""
    words = [sys.executable, "-m", "cli", "worker"]
    worker = subprocess.Popen(words, env=house.environment(), cwd=house.folder, stderr=subprocess.PIPE, text=True)
    try:
        assert worker.stderr is not None
        assert json.loads(worker.stderr.readline())["event"] == "working"
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    finally:
        worker.kill()
        worker.communicate()
