"""A leaver's page in a real browser: at 320 pixels, without JavaScript, for everybody, in both languages."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.seen import PICKUP, looks_at, saw
from tests.browser.support import RULES
from tests.support.partings import part, send
from tests.support.pickups import Pages
from tests.support.reading import CHILDRENS_BOOK, long_words, reading_age

PHONE = {"width": 320, "height": 640}
SHOTS = os.environ.get("SALLYPORT_SHOTS", "")
"""A folder for pictures, for whoever looks at the pages."""


@pytest.fixture(scope="module")
def link(house, sink, relay, pages) -> str:
    part(house, sink, pages)
    return send(house, sink, "--keeps", "Mileage sheets of 2026, for tax", "--agreed-by", "Mo Said")


def come_in(browser: Browser, pages: Pages, link: str, *, scripts: bool = True) -> Page:
    context = browser.new_context(java_script_enabled=scripts, viewport=PHONE, locale="en-GB", bypass_csp=scripts)
    page = context.new_page()
    page.goto(f"{pages.address}/p/{link}")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_role("textbox").fill(pages.codes[-1])
    page.get_by_role("button", name="Open the message").click()
    return page


def look(page: Page, name: str) -> None:
    """For everybody, as wide as a small telephone, and in words that a child of nine reads."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    found = Axe().run(page, options={"runOnly": [*RULES, "best-practice"], "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    inside, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert inside <= seen, name
    page.evaluate("document.querySelectorAll('header [lang]').forEach(e => e.remove())")
    lines = [re.sub(r"\S+\.pdf", "file", line) for line in page.inner_text("body").splitlines()]
    if page.evaluate("document.documentElement.lang") == "en":
        assert reading_age(lines) <= 9, (name, reading_age(lines), lines)
        assert long_words(lines) < CHILDRENS_BOOK, (name, long_words(lines))
    saw(page.url, PICKUP)


@looks_at("pickup:leaving")
def test_the_leavers_page_is_for_everybody_and_can_be_signed_with_a_thumb(browser, pages, link, unlimited) -> None:
    page = come_in(browser, pages, link)
    page.wait_for_url("**/leaving")
    heard = page.locator("body").aria_snapshot()
    order = ["What to give back and delete", "What we sent you about Ann Lee", "What you may keep", "Papers", "Copies"]
    places = [heard.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    assert 'group "Papers"' in heard
    look(page, "leaving")
    page.goto(page.url)
    page.get_by_role("link", name="Cymraeg").click()
    look(page, "leaving-welsh")
    page.goto(page.url)
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Sign", exact=True).click()
    look(page, "leaving-without-an-answer")
    page.goto(f"{pages.address}/p/{link}/leaving")
    page.get_by_label("I have given all papers back.").check()
    page.get_by_role("group", name="Copies").get_by_label("I still have some").check()
    page.get_by_label("Your full name").fill("Cy Jones")
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    look(page, "left-with-some")


def test_it_is_signed_without_javascript_too(browser, pages, link, unlimited) -> None:
    page = come_in(browser, pages, link, scripts=False)
    page.get_by_role("group", name="Papers").get_by_label("I never had any papers.").check()
    page.get_by_role("group", name="Copies").get_by_label("I have deleted all copies.").check()
    page.get_by_label("Your full name").fill("Cy Jones")
    page.get_by_label("I have read this and I agree.").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    assert page.get_by_role("heading", name="You have signed it").is_visible()
    assert page.get_by_role("link", name="Save your copy").is_visible()
