"""Every sentence of the pick-up pages, in every case that a page has, is one for a reader of nine.

Also those that few meet: a code that cannot be sent, too many tries, no telephone number. What readers meet on their
way is looked at in a browser, too (``tests/browser/test_pickup_pages.py``).
"""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from types import SimpleNamespace as Of
from typing import Any

import pytest
from django.template import Context, Engine
from django.test import override_settings
from django.utils.translation import override

from tests.support.reading import CHILDRENS_BOOK, long_words, reading_age
from tests.unit.test_welsh import PAGES, PLACEHOLDER, words_of_python, words_of_template

TEMPLATES = PAGES / "templates" / "pickup"
ENGINE = Engine(dirs=[TEMPLATES.parent], libraries={"i18n": "django.templatetags.i18n"})
PHONE, WHERE = "01962 555 0100", "your phone that ends in 23"
FORM = Of(number=1, name="form.pdf", size=40_000, words=[Of(text="", pictured=True)])
NO_WORDS = Of(number=2, name="film.mp4", size=40_000, words=[])
CHOICES = [(n, w) for n, w in enumerate(words_of_python(PAGES / "leaving.py")) if w.startswith("I ")]
KINDS = [w for w in words_of_python(PAGES / "leaving.py") if not w.startswith("I ")]
"""What a leaver says of papers and copies; what documents are called there, and what became of them."""


def sheet(**more: Any) -> dict[str, Any]:
    """As the leaver's page is told."""
    day = date(2026, 11, 1)
    told = {"name": "Ann Lee", "ended": day, "why": "the placement ended", "closed": 2, "keeps": "", "agreed_by": ""}
    shared = [(day, [kind], "you saved a copy") for kind in KINDS]
    told |= {name: more.pop(name) for name in [*more] if name in told}
    return {"sheet": Of(**told), "shared": shared, "document": FORM, "papers": CHOICES, "copies": CHOICES} | more


def message(*documents: Any, text: str = "Hello.", subject: str = "Hello") -> dict[str, Any]:
    sent = datetime(2026, 11, 1, tzinfo=UTC)
    told = Of(subject=subject, sender="o@council.example", sent_at=sent, text=text, documents=documents)
    return {"message": told, "until": sent}


CASES: dict[str, list[dict[str, Any]]] = {
    "answer": [
        {}, *({"problem": p, "file": "film.mp4", "most": 2**24} for p in ("kind", "large", "empty", "broken", "away"))
    ],
    "answered": [{}],
    "away": [{}],
    "closed": [{}],
    "code": [{}, {"where": WHERE}, {"where": WHERE, "wrong": True}, {"agreed": True, "wrong": True}],
    "document": [
        {"document": FORM, "pages": [1, 2], "signable": True}, {"document": NO_WORDS, "pages": []},
        {"document": Of(number=1, name="a.txt", size=9, words=[Of(text="", pictured=False)]), "pages": []},
    ],
    "form_too_old": [{}],
    "home": [{}],
    "leaving": [
        sheet(), sheet(why="left", keeps="Sheets", agreed_by="Mo Said"), sheet(shared=[], closed=1, before=True),
        *(sheet(problem=p) for p in ("papers", "copies", "name", "agree", "broken", "away")), sheet(more=1),
        sheet(more=9),
    ],
    "left": [{}, {"some": True}],
    "message": [
        message(), message(FORM, subject="") | {"devices": True}, message(FORM, NO_WORDS, text=""),
    ],
    "not_sent": [{}],
    "sign": [{"document": FORM, "problem": p} for p in ("", "name", "agree", "broken", "away")],
    "signed": [{"document": FORM}],
    "start": [{"where": WHERE}, {"where": WHERE, "agreed": True, "devices": True}, {}, {"agreed": True}],
    "too_large": [{"most": 2**24}],
    "too_many": [{}],
}  # fmt: skip
"""By page, what it is told: each of its sentences is said in one of them."""
PARTS = {"base", "code_form"}
"""Of other pages, and of none by themselves."""


class Said(HTMLParser):
    """The words of a page in lines, as they are seen or heard; what is told by somebody else is left out."""

    _INSIDE = frozenset({"a", "strong", "span", "label", "legend"})
    _HEARD = frozenset({"alt", "aria-label", "data-failed", "data-done"})
    _THEIRS = frozenset({"article", "style", "script", "title"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.lines, self._theirs = [""], 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._theirs += tag in self._THEIRS
        if tag not in self._INSIDE:
            self.lines.append("")
        self.lines += [str(value) for name, value in attrs if name in self._HEARD]

    def handle_endtag(self, tag: str) -> None:
        self._theirs -= tag in self._THEIRS
        if tag not in self._INSIDE:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._theirs:
            self.lines[-1] += data


def shown(name: str, told: dict[str, Any], phone: str, language: str = "en") -> str:
    """The page, as it is rendered with this."""
    frame = {"service": "Shared Lives", "phone": phone, "link": "x" * 43, "others": []}
    with override(language), override_settings(ROOT_URLCONF="web.pickup.urls"):
        return ENGINE.get_template(f"pickup/{name}.html").render(Context(frame | told))


def lines(page: str) -> list[str]:
    return [re.sub(r"\S+\.(txt|pdf|mp4)", "file", line.strip()) for line in Said(page).lines if line.strip()]


def test_every_page_has_its_cases() -> None:
    assert {path.stem for path in TEMPLATES.glob("*.html")} - PARTS == set(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_reader_of_nine_understands_it_in_every_case(name: str) -> None:
    for told in CASES[name]:
        for phone in (PHONE, ""):
            said = lines(shown(name, told, phone))
            assert reading_age(said) <= 9, (reading_age(said), said)
            assert long_words(said) < CHILDRENS_BOOK, (long_words(said), said)


def test_no_sentence_is_left_unmeasured() -> None:
    """Each that a template has is in a page that was measured."""
    pages = [html.unescape(shown(n, told, p)) for n, each in CASES.items() for told in each for p in (PHONE, "")]
    every = "\n".join(pages)
    words = {word for path in TEMPLATES.glob("*.html") for word in words_of_template(path)}
    assert len(words) > 100
    patterns = {word: ".*".join(re.escape(piece) for piece in PLACEHOLDER.split(word)) for word in words}
    assert [word for word, pattern in patterns.items() if not re.search(pattern, every)] == []
