"""Fingerprints: published blank forms, registered, then filled, half filled, cut, scanned by numbers drawn at random."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from classifiers.forms.form import Form
from classifiers.forms.matching import FormBook
from classifiers.training.labelled import Labelled, read_folder, read_lines
from classifiers.training.measure import Share
from domain.model import Category, PageText

_GAP = re.compile(r"_{3,}|\.{5,}|:[ \t]*(?=\n|$)|:[ \t]{2,}")
_VALUES = (
    "Rowan Applegarth", "14/03/1986", "12 Weir Lane", "Dr Lindqvist", "epilepsy", "01632 960118", "her sister Elaine", "yes please",
    "Tarrant Quay", "the day centre", "since last summer", "Marjorie Penhaligon",
)  # fmt: skip
_SEED, _MISREAD = 20261130, 0.02
_FORMS = "roi-study"


def page(published: Path | None, corpus: Path) -> Iterator[str]:
    """The figures as Markdown. Forms whose text no gap is known in are left out: nothing could be written into them."""
    if published is None:
        yield "The published forms were not there, so nothing is said of fingerprints."
        yield ""
        return
    documents = list(read_lines(published))
    forms = list(_registrable([one for one in documents if one.source == _FORMS]))
    book = FormBook([form for form, _ in forms])
    others = [
        one for one in (*documents, *read_folder(corpus), *read_folder(corpus, tests=True)) if one.source != _FORMS
    ]
    chance = random.Random(_SEED)
    yield f"**{len(forms)} blank release forms of American hospitals, registered**, and {len(others)} documents that are none of them:"
    yield ""
    yield "| copy | known as filled | known as the right form or its like |"
    yield "|---|---|---|"
    for what, share, misread in (
        ("filled", 1.0, 0.0),
        ("half filled", 0.5, 0.0),
        ("filled, read by a poor OCR", 1.0, _MISREAD),
    ):
        found = [_found(book, form, blank, share, misread, chance) for form, blank in forms]
        yield f"| {what} | {Share(sum(f for f, _ in found), len(found))} | {Share(sum(r for _, r in found), len(found))} |"
    blanks = sum(book.read(blank.pages).blank for _, blank in forms)
    noisy = sum(
        book.read(_pages(blank, _misread(blank.text, _MISREAD, chance)), scanned=True).blank for _, blank in forms
    )
    false = sum(bool(book.read(one.pages).matches) for one in others)
    yield ""
    yield f"Still blank, and known as blank: {Share(blanks, len(forms))}; read by a poor OCR: {Share(noisy, len(forms))}."
    yield f"Other documents taken for one of the forms: {Share(false, len(others))}."
    yield ""


def _registrable(blanks: Sequence[Labelled]) -> Iterator[tuple[Form, Labelled]]:
    for number, blank in enumerate(blanks):
        if len(_GAP.findall(blank.text)) >= 4:
            try:
                yield Form.of(f"{number}", Category.PERMISSION_FORM, blank.pages), blank
            except ValueError:
                continue


def _found(
    book: FormBook, form: Form, blank: Labelled, share: float, misread: float, chance: random.Random
) -> tuple[bool, bool]:
    """Whether a copy is known as filled, and whether as this form or one with half of its triples."""
    text = _misread(_filled(blank.text, share, chance), misread, chance)
    matches = book.read(_pages(blank, text), scanned=misread > 0).matches
    like = any(len(m.form.shingles & form.shingles) >= len(form.shingles) / 2 for m in matches)
    return any(m.filled for m in matches), like


def _pages(blank: Labelled, text: str) -> tuple[PageText, ...]:
    return Labelled(blank.source, blank.name, blank.kinds, text).pages


def _filled(text: str, share: float, chance: random.Random) -> str:
    return _GAP.sub(
        lambda m: f"{m[0].rstrip('_.')} {chance.choice(_VALUES)} " if chance.random() < share else m[0], text
    )


def _misread(text: str, share: float, chance: random.Random) -> str:
    """So many letters are others."""
    return "".join(chance.choice("eoacnil") if c.isalpha() and chance.random() < share else c for c in text)
