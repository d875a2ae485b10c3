"""A service with its pages and a browser.

To have a page looked at, list it where its test is::

    @pytest.mark.parametrize("page", [Page("/held/", Role.REVIEWER), ...])
    def test_each_page_can_be_used_by_everybody(site: Site, page: Page) -> None:
        site.look_at(page)

``look_at`` opens it with and without scripts: nothing that axe-core finds at WCAG 2.2 AA, no script error, nothing that
the page's own policy blocks, and at 320 pixels nothing to scroll sideways.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Playwright, StorageState, sync_playwright
from playwright.sync_api import Page as Tab

from tests.browser.seen import saw
from tests.support.bounds import MOST_QUESTIONS
from tests.support.house import House, free_port
from web import clock
from web.accounts.roles import Role

CHROMIUM = os.environ.get("SALLYPORT_TEST_CHROMIUM") or which("chromium") or ""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DESKTOP, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 700}
PASSWORD = "otter-lantern-gravel"
_PROPER = {200, 202, 422}
"""A page, one that waits, one with what has to be put right; with any other the page is that of an error."""
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="chromium is missing")


@dataclass(frozen=True)
class Page:
    """A path, and whoever looks; nobody for what opens without signing in."""

    path: str
    role: Role | None = None
    status: int = 200

    def __str__(self) -> str:
        return f"{self.path} as {self.role or 'nobody'}"


@dataclass
class Site:
    """A running service, and people who are signed in to it."""

    house: House
    port: int
    browser: Browser
    _signed_in: dict[str, StorageState] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, role: Role, who: str = "") -> str:
        """One person a role; ``who`` names another one."""
        return f"{who or role.value}@council.example"

    def person(self, role: Role, who: str = "") -> StorageState:
        """Made by the command line, signed in with password and app as anybody would; once."""
        address = self.address(role, who)
        if address not in self._signed_in:
            self._signed_in[address] = self._sign_in(address, role)
        return self._signed_in[address]

    def _sign_in(self, address: str, role: Role) -> StorageState:
        told = self.house.command("account", "add", address, "--name", "Robin Test", "--role", role.value).stdout
        (link,) = re.findall(r"http://\S+", told)
        with self.tab(scripts=False) as tab:
            tab.goto(link)
            tab.get_by_label("Choose a password").fill(PASSWORD)
            tab.get_by_label("The password again").fill(PASSWORD)
            tab.get_by_role("button", name="Save the password").click()
            type_password(tab, address)
            tab.get_by_role("button", name="Set up an app").click()
            tab.get_by_text("I cannot scan it").click()
            secret = tab.locator("#totp-secret").inner_text()
            tab.get_by_label("Code", exact=True).fill(code_now(secret))
            tab.get_by_role("button", name="Continue").click()
            tab.get_by_role("button", name="I have kept them").click()
            assert "Start" in tab.title(), tab.content()
            return tab.context.storage_state()

    @contextmanager
    def tab(
        self, role: Role | None = None, who: str = "", *, scripts: bool = True, size: dict[str, int] | None = None
    ) -> Iterator[Tab]:
        """A browser's tab, of somebody in that role or of nobody. Whatever the page's policy blocks fails the test."""
        with self._tab(self.person(role, who) if role else None, scripts=scripts, size=size) as tab:
            yield tab

    @contextmanager
    def _tab(self, state: StorageState | None, *, scripts: bool, size: dict[str, int] | None = None) -> Iterator[Tab]:
        context = self.browser.new_context(
            java_script_enabled=scripts, storage_state=state, viewport=size or DESKTOP, locale="en-GB"
        )  # type: ignore[call-overload]
        context.set_default_timeout(15_000)
        wrong: list[str] = []
        tab = context.new_page()
        tab.on("console", lambda said: wrong.append(said.text) if _is_wrong(said.type, said.text) else None)
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        try:
            yield tab
            assert wrong == [], wrong
        finally:
            context.close()

    def look_at(self, page: Page) -> None:
        """See above."""
        state = self.person(page.role) if page.role else None
        self._look(self.url + page.path, state, {page.status})

    def look_here(self, tab: Tab) -> None:
        """At the page that the tab shows, as it is for the same browser once more: its cookies go along."""
        self._look(tab.url, tab.context.storage_state(), _PROPER)

    def _look(self, address: str, state: StorageState | None, statuses: set[int]) -> None:
        for scripts in (True, False):
            with self._tab(state, scripts=scripts) as tab:
                answer = tab.goto(address)
                assert answer is not None
                assert answer.status in statuses, f"{address}: {answer.status}"
                if scripts:
                    check(tab)
                tab.set_viewport_size(NARROW)  # type: ignore[arg-type]
                if scripts:
                    check(tab)
                assert fits(tab), f"{address} has to be scrolled sideways at 320 pixels"
                shown = tab.url
        if statuses <= _PROPER:
            saw(shown)

    def on_paper(self, path: str, role: Role) -> str:
        """A page's words as they are printed: :func:`printed`."""
        with self.tab(role, scripts=False) as tab:
            tab.goto(self.url + path)
            return printed(tab)


def look_in(tab: Tab) -> None:
    """At what this tab alone shows, as it is. It has scripts; another test comes by without."""
    before = tab.viewport_size
    for size in (DESKTOP, NARROW):
        tab.set_viewport_size(size)  # type: ignore[arg-type]
        check(tab)
    assert fits(tab), f"{tab.url} has to be scrolled sideways at 320 pixels"
    tab.set_viewport_size(before)  # type: ignore[arg-type]
    saw(tab.url)


def check(tab: Tab) -> None:
    """Nothing that axe-core finds."""
    found = Axe().run(tab, options={"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


_TOO_WIDE = """all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1
  && !e.closest('.sp-scroll, .govuk-visually-hidden, .govuk-skip-link')).map(e => e.outerHTML.slice(0, 120))"""


def fits(tab: Tab) -> bool:
    """Whether nothing reaches beyond the window. What scrolls within itself (a picture of a page) may."""
    return tab.locator("body *").evaluate_all(_TOO_WIDE) == []


def _is_wrong(kind: str, text: str) -> bool:
    return kind == "error" and not re.match(r"Failed to load resource: the server responded with a status of 4", text)


def type_password(tab: Tab, address: str) -> None:
    """The first step of signing in."""
    tab.get_by_label("E-mail address").fill(address)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()


def code_now(secret: str) -> str:
    """What the app shows now."""
    return one_time_code(secret, clock.now().timestamp())


def one_time_code(secret: str, at: float) -> str:
    """RFC 6238 with the defaults that apps have: SHA-1, six digits, 30 seconds."""
    key = base64.b32decode(secret.strip() + "=" * (-len(secret.strip()) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@contextmanager
def browsing() -> Iterator[Browser]:
    """Debian's chromium."""
    playwright: Playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def serving(house: House) -> Iterator[int]:
    """``sallyport web`` of that service, until the block ends; its port."""
    port = free_port()
    house.extra |= {"SALLYPORT_WEB__PORT": str(port), "SALLYPORT_CONSOLE__URL": f"http://127.0.0.1:{port}"}
    log = house.folder / "web.log"
    with log.open("ab") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "cli", "web"], env=house.environment(), cwd=house.folder, stdout=out, stderr=out
        )
        try:
            for _ in range(600):
                assert server.poll() is None, log.read_text(errors="replace")
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
    assert too_many_questions(log.read_text(errors="replace")) == []


def too_many_questions(log: str) -> list[str]:
    """Lines of the pages' log that tell of a page with more than ``MOST_QUESTIONS`` questions to the database."""
    pages = [line for line in log.splitlines() if "answered" in line and re.search(r"method\W+GET", line)]
    counts = {line: int(re.findall(r"queries\W+(\d+)", line)[0]) for line in pages}
    assert counts, "nothing was asked, or it is not in the log any more"
    return [line for line, count in counts.items() if count > MOST_QUESTIONS]


@contextmanager
def made(folder: Path) -> Iterator[Site]:
    """A service of its own, with pages and a browser."""
    house = House(folder, hop_port=9).set_up()
    with serving(house) as port, browsing() as browser:
        yield Site(house, port, browser)


def inside(house: House, code: str) -> None:
    """Lines of Python within that service, for rows that only years would make: with its settings and its database."""
    frame = f"import django; django.setup()\n{code}"
    environment = house.environment() | {"DJANGO_SETTINGS_MODULE": "config.console"}
    done = subprocess.run([sys.executable, "-c", frame], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def holder(site: Site, *words: str) -> None:
    """The key holder does what waits, with the keys that lie in the service's folder."""
    masters = site.house.home / "masters"
    keys = [word for name in ("records", "service") for word in ("-i", str(masters / f"{name}.age-key"))]
    site.house.command("keyholder", *keys, "--once", *words)


_PAPER = {"width": 718, "height": 1047}
"""A4 at 96 dots an inch, within the margins that Chromium leaves."""
_FOR_THE_SCREEN = """.govuk-skip-link, .govuk-service-navigation, .govuk-back-link, .govuk-pagination, .govuk-button,
  .sp-footer, .sp-header__account, .sp-filter, .sp-filters"""
_OVER_THE_EDGE = """all => all.filter(e => e.getBoundingClientRect().right > innerWidth + 1
  && !e.closest('.govuk-visually-hidden, .sp-watermark')).map(e => e.outerHTML.slice(0, 120))"""


def _signs(text: str) -> str:
    """Letters and digits: where a line ends in a hyphen, the reader of PDFs takes it for that of a word cut in two."""
    return re.sub(r"[\W_]", "", text)


def printed(tab: Tab) -> str:
    """The page's words as they come out of a printer, A4, in one line each.

    Nothing of the screen alone is among them, nothing is cut at the edge, and it says who printed it.
    """
    size = tab.viewport_size
    tab.emulate_media(media="print")
    tab.set_viewport_size(_PAPER)  # type: ignore[arg-type]
    shown = [part.get_attribute("class") for part in tab.locator(_FOR_THE_SCREEN).all() if part.is_visible()]
    assert shown == [], "made for the screen, and printed"
    assert tab.locator("body *").evaluate_all(_OVER_THE_EDGE) == [], "cut at the edge of the paper"
    document = pypdfium2.PdfDocument(tab.pdf(format="A4"))
    words = " ".join(" ".join(sheet.get_textpage().get_text_bounded() for sheet in document).split())
    tab.emulate_media(media="screen")
    tab.set_viewport_size(size or DESKTOP)  # type: ignore[arg-type]
    assert "(/" not in words, "a path without a host leads nowhere on paper"
    assert "Printed by " in words
    assert _signs(f"from {tab.url.partition('?')[0]}") in _signs(words)
    return words
