"""Pictures of the console's main pages, for docs/screenshots: made of the demo, by a browser that signs in to it.

    python scripts/screenshots.py [PORT [NAME ...]]

Starts the demo in a folder of its own, signs in with its accounts and the codes of its telephone, and ends it. With
names, those pictures alone are made.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).parent.parent / "docs" / "screenshots"
WIDE, NARROW = {"width": 1100, "height": 760}, {"width": 320, "height": 640}
CHROMIUM = os.environ.get("SALLYPORT_TEST_CHROMIUM") or which("chromium")
_MINUTES, _LOWEST = 10, 2400
PAGES = (
    ("start-reviewer", "reviewer@", "/"),
    ("start-officer", "priya", "/"),
    ("held-mail", "reviewer@", "/held/"),
    ("held-release", "reviewer@", "release"),
    ("one-held-mail", "reviewer@", "held"),
    ("my-sent-mail", "priya", "/sent/"),
    ("register", "priya", "/register/"),
    ("one-person", "priya", "person"),
    ("permission-capacity", "priya", "capacity"),
    ("reviews-due", "priya", "/register/reviews/"),
    ("search", "breach", "/search/"),
    ("search-form", "breach", "/search/"),
    ("search-results", "breach", "results"),
    ("what-it-says", "breach", "look"),
    ("incidents", "breach", "/incidents/"),
    ("one-incident", "breach", "incident"),
    ("evidence", "breach", "evidence"),
    ("records", "records", "/records/"),
    ("changed-keys", "records", "/register/keys/"),
    ("accept-a-key", "records", "accept"),
    ("request-for-access", "records", "request"),
    ("placement-ended", "records", "parting"),
    ("what-falls-due", "records", "/records/retention/"),
    ("operations", "operator", "/operations/"),
)


def main(port: int, *names: str) -> None:
    """Write them all, or those of these names."""
    if strange := set(names) - {"sign-in", *(name for name, _, _ in PAGES)}:
        sys.exit(f"there is no picture {min(strange)}")
    wanted = [each for each in PAGES if not names or each[0] in names]
    OUT.mkdir(exist_ok=True)
    with demo(port) as (console, people), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        if not names or "sign-in" in names:
            shot(browser, f"{console}/sign-in/", "sign-in", None)
        for who in dict.fromkeys(address for _, address, _ in wanted):
            account = people(who)
            state = sign_in(browser, console, account)
            for name, _, path in (each for each in wanted if each[1] == who):
                where, cookies = path, state
                if path in ON_THE_WAY:
                    where, cookies = ON_THE_WAY[path](browser, console, state, account["password"])
                shot(browser, console + where, name, cookies)
        browser.close()


@contextmanager
def demo(port: int) -> Iterator[tuple[str, Any]]:
    """The console's address, and how to look up somebody's account and code of now."""
    with tempfile.TemporaryDirectory(prefix="sallyport-screenshots-") as folder:
        words = [sys.executable, "-m", "cli", "demo", "--folder", f"{folder}/demo", "--port", str(port)]
        with Path(folder, "log").open("wb") as log:
            running = subprocess.Popen(words, stdout=log, stderr=log)  # noqa: S603 - our own command line
        try:
            _wait(running, port, Path(folder, "log"))
            yield (
                f"http://127.0.0.1:{port + 3}",
                lambda who: next(a for a in _codes(port) if a["address"].startswith(who)),
            )
        finally:
            end(running)


def end(running: subprocess.Popen[bytes]) -> None:
    """By SIGTERM: what a shell starts in its background ignores SIGINT, and so would the demo."""
    running.terminate()
    with suppress(subprocess.TimeoutExpired):
        running.wait(90)
    running.kill()


def _codes(port: int) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port + 4}/codes.json", timeout=10) as answer:
        found: list[dict[str, str]] = json.load(answer)
        return found


def _wait(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it says where to sign in."""
    for _ in range(_MINUTES * 60):
        if running.poll() is not None:
            sys.exit(f"the demo ended: {log.read_text(errors='replace')[-800:]}")
        if f"{port + 4}/" in log.read_text(errors="replace"):
            time.sleep(31)  # its tour has used up the codes of this half minute
            return
        time.sleep(1)
    sys.exit("the demo did not get ready")


def sign_in(browser: Browser, console: str, account: dict[str, str]) -> Any:
    """As that person; the browser's state afterwards."""
    context = browser.new_context(viewport=WIDE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(console)
    page.get_by_label("E-mail address").fill(account["address"])
    page.get_by_label("Password").fill(account["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code", exact=True).fill(account["code"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="What waits for you").wait_for()
    state = context.storage_state()
    context.close()
    return state


def a_held_mail(page: Page, console: str) -> None:
    """With something marked in it, for who may open one."""
    page.goto(f"{console}/held/")
    links = [link.get_attribute("href") or "" for link in page.locator(".sp-queue__mail a").all()]
    for link in links:
        page.goto(console + link)
        if page.locator("mark").count() > 3:  # noqa: PLR2004 - enough to see what marking is
            break


def its_release(page: Page, console: str) -> None:
    """The page on which it is released."""
    a_held_mail(page, console)
    page.get_by_role("button", name="Release").click()


def found_mails(page: Page, console: str) -> None:
    """What a search finds."""
    page.goto(f"{console}/search/")
    page.get_by_label("Look for").fill("medication")
    page.get_by_role("button", name="Search", exact=True).click()


def what_it_says(page: Page, console: str) -> None:
    """The key holder's answer."""
    found_mails(page, console)
    page.get_by_role("link", name="See what it says").first.click()
    page.get_by_label("Why do you need").fill("Complaint 12")
    page.get_by_role("button", name="Ask the key holder").click()
    page.get_by_role("heading", name="What it says").wait_for(timeout=60_000)


def an_incident(page: Page, console: str) -> None:
    """The one that is open."""
    page.goto(f"{console}/incidents/")
    page.locator("main a", has_text="INC-").first.click()


def its_evidence(page: Page, console: str) -> None:
    """Where it is asked for."""
    an_incident(page, console)
    page.get_by_role("link", name="Hand over the evidence").click()


def a_key_that_came(page: Page, console: str) -> None:
    """How it is compared before it is accepted."""
    page.goto(f"{console}/register/keys/")
    page.get_by_role("link", name="Accept").first.click()
    page.get_by_role("heading", name="Accept this key").wait_for()


def a_request(page: Page, console: str) -> None:
    """The one that is open."""
    page.goto(f"{console}/records/requests/")
    page.locator("main a", has_text="SAR-").first.click()


def a_parting(page: Page, console: str) -> None:
    """A carer and somebody whom they looked after."""
    page.goto(f"{console}/leaving/")
    page.locator("main table a").first.click()


def the_capacity(page: Page, console: str) -> None:
    """The first question of a permission; somebody else than the one whose page is shown, whose draft it would be."""
    page.goto(f"{console}/register/")
    page.locator("td a").nth(1).click()
    page.get_by_role("button", name="Record a permission").click()
    page.get_by_role("button", name="Start now").click()


def a_person(page: Page, console: str) -> None:
    """The first of the caseload."""
    page.goto(f"{console}/register/")
    page.locator("td a").first.click()


def _show_it(page: Page, password: str) -> None:
    """Before what is sensitive the password is asked for once more."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Continue").click()


def _by(walk: Callable[[Page, str], None]) -> Callable[[Browser, str, Any, str], tuple[str, Any]]:
    """Where a walk ends, and the browser's state there."""

    def walked(browser: Browser, console: str, state: Any, password: str) -> tuple[str, Any]:
        context = browser.new_context(storage_state=state)
        page = context.new_page()
        asked = page.get_by_role("heading", name="Show that it is you")
        page.add_locator_handler(asked, lambda: _show_it(page, password))
        walk(page, console)
        _settle(page)
        found, after = page.url.removeprefix(console), context.storage_state()
        context.close()
        return found, after

    return walked


ON_THE_WAY = {
    name: _by(walk)
    for name, walk in (
        ("held", a_held_mail), ("release", its_release), ("results", found_mails), ("look", what_it_says),
        ("incident", an_incident), ("evidence", its_evidence), ("person", a_person), ("capacity", the_capacity),
        ("request", a_request), ("parting", a_parting), ("accept", a_key_that_came),
    )
}  # fmt: skip
"""Pages that have no address of their own before somebody does something."""
OPENED = {"search-form": "Fill in a form instead"}
"""What of a page is folded up, and shown open."""
SHORTER = {"operations": 1110}
"""Further down the parts outside stand, with the folder in which the demo ran."""


def shot(browser: Browser, address: str, name: str, state: Any) -> None:
    """Wide and narrow."""
    for size, suffix in ((WIDE, ""), (NARROW, "-narrow")):
        context = browser.new_context(viewport=size, storage_state=state)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        _settle(page)
        if name in OPENED:
            page.get_by_text(OPENED[name], exact=True).click()
        page.screenshot(
            path=OUT / f"{name}{suffix}.png", **({} if suffix else _whole(page, SHORTER.get(name, _LOWEST)))
        )
        context.close()
    print(f"{name}: {address.partition('://')[2].partition('/')[2] or '/'}")


def _whole(page: Page, lowest: int) -> dict[str, Any]:
    """The whole page, down to where nobody would look any further."""
    high = min(lowest, int(page.evaluate("document.documentElement.scrollHeight")))
    return {"full_page": True, "clip": {"x": 0, "y": 0, "width": WIDE["width"], "height": high}}


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 26600, *sys.argv[2:])
