"""A carer without a key reads what was sent: the notice, the link, the code, the message; and what the officer sees."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from urllib.parse import urlencode

from rich.console import Console

from demo.commands import show
from demo.next_hop import NextHop
from demo.serving import until_it_answers
from demo.stage import Stage

LINK = re.compile(r"http://127\.0\.0\.1:\d+(/p/[\w-]{43})")
_CODE = re.compile(r"Pick-up code: (\d{6})")


@contextmanager
def running_pages(stage: Stage) -> Iterator[Path]:
    """`sallyport pickup` as its own process; gives the file to which it writes, codes among it."""
    log = stage.folder / "pickup.log"
    with log.open("wb") as out:
        pages = subprocess.Popen(
            [sys.executable, "-m", "cli", "pickup"], env=stage.environment(), stderr=out, stdout=out
        )
    try:
        until_it_answers(pages, stage.pages_port, "/", "The pick-up pages", log)
        yield log
    finally:
        pages.terminate()
        try:
            pages.wait(timeout=40)
        except subprocess.TimeoutExpired:
            pages.kill()


def tour(stage: Stage, out: Console, hop: NextHop, log: Path) -> Iterator[str]:
    """Show it; gives what went wrong, if anything."""
    notice = hop.last_notice_of_pick_up()
    if notice is None:
        yield "nobody without a key was sent a link"
        return
    text = message_from_bytes(notice.content, policy=SMTP).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    out.print(f"\nWhoever has no key picks it up. This is the whole mail that {notice.recipient} got:\n")
    for line in text.splitlines():
        out.print(f"  | {line}", soft_wrap=True)
    found = LINK.search(text)
    message = _read(stage, found[1], log) if found else ""
    if "I have finished" not in message:
        yield "the link and the code did not open the message"
    out.print("\nThe link was opened, the code given, and the message read, as a browser without JavaScript does it.")
    grants = "pickup list --all"
    yield from show(stage, out, "What the officer sees of it", grants)


def codes_after(log: Path, seen: int) -> list[str]:
    """The codes that were shown since."""
    return _CODE.findall(log.read_text(errors="replace"))[seen:]


def link_of(hop: NextHop) -> str:
    """Of the last notice."""
    notice = hop.last_notice_of_pick_up()
    found = LINK.search(notice.content.decode("ascii", "replace")) if notice else None
    return found[0] if found else ""


class Carer:
    """Somebody with a link, as a browser without JavaScript: cookies, and the form's secret."""

    def __init__(self, stage: Stage, path: str) -> None:
        self._stage, self._path, self._cookies = stage, path, dict[str, str]()

    def come_in(self, log: Path) -> None:
        """Ask for a code, and give it."""
        self.ask("GET", "")
        self.ask("POST", "/send")
        self.ask("POST", "/code", code=codes_after(log, 0)[-1])

    def ask(self, method: str, where: str, **fields: str) -> str:
        """The page."""
        client = http.client.HTTPConnection("127.0.0.1", self._stage.pages_port, timeout=60)
        told = {
            "Cookie": "; ".join(f"{n}={v}" for n, v in self._cookies.items()),
            "Origin": f"http://127.0.0.1:{self._stage.pages_port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = urlencode({"csrfmiddlewaretoken": self._cookies.get("form", ""), **fields}) if method == "POST" else None
        client.request(method, f"{self._path}{where}", body, told)
        answer = client.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self._cookies[name] = rest.partition(";")[0]
        return answer.read().decode()


def _read(stage: Stage, path: str, log: Path) -> str:
    """The page of the message."""
    carer = Carer(stage, path)
    carer.come_in(log)
    return carer.ask("GET", "/message")
