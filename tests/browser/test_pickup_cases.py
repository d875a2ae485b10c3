"""Every pick-up page in every case that it has, also those that few meet, in a real browser at 320 pixels.

The walk through a running service is ``test_pickup_pages.py``; here each page is shown as it is rendered, in English
and in Welsh.
"""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.support import RULES
from tests.unit.test_pickup_words import CASES, PHONE, shown
from web.pickup.frame import style

_AXE = {"runOnly": [*RULES, "best-practice"], "resultTypes": ["violations"]}
_CONTROL = re.compile(r"^\s*- (?:/url: )?(button|link|textbox|radio|checkbox|img)\b(.*)$", re.MULTILINE)
LANGUAGES = ("en", "cy")


@pytest.fixture(scope="module")
def page(browser) -> Page:
    return browser.new_context(viewport={"width": 320, "height": 640}, locale="en-GB").new_page()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(CASES))
def test_it_fits_a_small_phone_and_is_for_everybody_in_every_case(page: Page, name: str, language: str) -> None:
    """Nothing for axe-core to find, nothing to push sideways, one first heading, and what is pressed has a name."""
    for told in CASES[name]:
        for phone in (PHONE, ""):
            page.set_content(shown(name, {"style": style(), **told}, phone, language))
            found = Axe().run(page, options=_AXE)
            assert found.violations_count == 0, f"{told}: {found.generate_report()}"
            inside, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert inside <= seen, told
            heard = page.locator("body").aria_snapshot()
            assert heard.count("[level=1]") == 1, heard
            assert [kind for kind, rest in _CONTROL.findall(heard) if not rest.strip().startswith('"')] == [], heard
            assert page.evaluate("document.documentElement.lang") == language
