"""No page is forgotten: each URL is looked at by a test in a browser, or says here why it shows no page."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import get_resolver

from tests import browser
from tests.browser import seen
from tests.browser.seen import CONSOLE, PICKUP, named_by
from tests.unit.test_console_matrix import patterns
from web.console.register import party_changes, permissions, person_changes, reviews
from web.console.register.adding.kinds import KINDS
from web.console.register.asking.steps import STEPS

_BACK = "by POST alone, and goes back to the page it came from"
_FILE = "a file"
_SCRIPT = "asked by the page's own script, which it answers in JSON"
NO_PAGE = {
    "disposal-approve": _BACK,
    "disposal-execute": "by POST alone, and goes on to how far it is",
    "evidence-agree": _BACK,
    "evidence-back": _BACK,
    "evidence-file": _FILE,
    "held-picture": "a picture",
    "incident-table": _FILE,
    "mfa_download_recovery_codes": _FILE,
    "mfa_login_webauthn": _SCRIPT,
    "request-back": _BACK,
    "request-document-page": "a picture",
    "request-file": _FILE,
    "request-preview-make": "by POST alone, and goes on to the answer that is made",
    "request-preview-page": "a picture",
    "request-review-open": "by POST alone, and goes on to the documents",
    "search-looked-page": "a picture",
    "sent-instead": _BACK,
    "sent-right": _BACK,
    "pickup:device-ask": _SCRIPT,
    "pickup:device-prove": _SCRIPT,
    "pickup:device-script": "a script",
    "pickup:file": _FILE,
    "pickup:leave": "by POST alone, and goes back to the start",
    "pickup:leaving-copy": _FILE,
    "pickup:picture": "a picture",
    "pickup:remember-begin": _SCRIPT,
    "pickup:remember-complete": _SCRIPT,
    "pickup:send": "by POST alone, and goes on to the page for the code",
    "pickup:sign-script": "a script",
    "pickup:signed-copy": _FILE,
    "pickup:upload": _SCRIPT,
    "pickup:upload-script": "a script",
}
"""URLs that answer with no page of their own, and what they answer with."""
SEVERAL = {
    "register-add-check": [*KINDS],
    "register-add-step": [f"{kind} {step}" for kind, what in KINDS.items() for step, _ in what.steps],
    "register-asking-step": [step.name for step in STEPS],
    "register-party-change": [*party_changes.CHANGES],
    "register-permission-change": [*permissions.CHANGES],
    "register-person-change": [*person_changes.CHANGES],
    "reviews-settle": [*reviews.KINDS],
}
"""URLs of several pages each, from the tables that the views themselves go by."""


def pages(urlconf: str) -> Iterator[tuple[str, str]]:
    """Path and name of each URL; the API has no pages."""
    for path, each in patterns(get_resolver(urlconf)):
        if not path.startswith("api/"):
            yield path, str(each.name)


def names(urlconf: str) -> Iterator[str]:
    for _, name in pages(urlconf):
        yield from (f"{name} {page}" for page in SEVERAL[name]) if name in SEVERAL else (name,)


def test_where_one_url_has_several_pages_all_are_known() -> None:
    """By their parts that are words of ours; those of a number or a reference are the same page of something else."""
    parted = {name for path, name in pages(CONSOLE) if re.search(r"<str:(kind|what|name)>", path)}
    assert parted - {"request-document", "request-document-page"} == set(SEVERAL) == set(seen.SEVERAL)


def every_url() -> set[str]:
    return {*names(CONSOLE), *(f"pickup:{name}" for name in names(PICKUP))}


def looked_at() -> set[str]:
    """By all tests in a browser."""
    found = set()
    for file in Path(str(browser.__file__)).parent.glob("test_*.py"):
        module = importlib.import_module(f"{browser.__name__}.{file.stem}")
        tests = [value for name, value in vars(module).items() if name.startswith("test_")]
        found |= {name for test in tests for name in named_by(test)}
    return found


def test_each_page_is_looked_at_in_a_browser() -> None:
    """With axe-core, at 320 pixels, and without scripts."""
    missing = sorted(every_url() - looked_at() - set(NO_PAGE))
    assert missing == [], "add a test with @looks_at, or say in NO_PAGE what it answers with"


def test_what_is_excused_is_there_and_has_its_reason() -> None:
    assert set(NO_PAGE) <= every_url(), "of what is no URL any more"
    assert set(NO_PAGE) & looked_at() == set(), "looked at all the same"
    assert all(NO_PAGE.values())


def test_what_tests_name_is_a_url() -> None:
    """A mistyped name would excuse nothing, and be noticed by nobody."""
    assert looked_at() <= every_url()
