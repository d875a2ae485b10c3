"""Finds every known phrase in a text in one pass.

Purpose: one automaton (Aho-Corasick) over all phrases of all categories; 5 KB take about 0.1 ms, whatever the number
of phrases.
Trust: hostile text; the pass is linear. Failure: none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import ahocorasick

from classifiers.documents.phrases import VOCABULARY
from classifiers.documents.words import GENERAL, HEALTH_WORDS, PERSON_LABELS
from domain.model import Category

_FOLDS = str.maketrans(
    {"\n": " ", "\t": " ", "\u2019": "'", "\u2018": "'", "\u2013": "-", "\u2014": "-", "\u2010": "-", "\u2011": "-"}
)

_LONGEST = 80
"""Characters in which a label has to stand whole."""
_KEY = 2
"""By so many last characters labels are looked up; none is shorter."""


class Role(IntEnum):
    """What a phrase is in the documents that use it."""

    TITLE = 0
    HEADING = 1
    LABEL = 2
    PHRASE = 3
    STRONG = 4
    PERSON = 5
    GENERAL = 6
    HEALTH = 7


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a phrase. ``weak`` marks words that many kinds of document share."""

    role: Role
    category: Category | None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase at a place of the text."""

    start: int
    end: int
    phrase: str
    uses: tuple[Use, ...]


def hits(text: str) -> Iterator[Hit]:
    """All whole-word occurrences. Of one inside a longer one, only its sense as a word of health is kept."""
    reach = -1
    for hit in sorted(_occurrences(text), key=lambda h: (h.start, -h.end)):
        if hit.end > reach:
            reach = hit.end
            yield hit
        elif health := tuple(use for use in hit.uses if use.role is Role.HEALTH):
            yield Hit(hit.start, hit.end, hit.phrase, health)


def starts_with_label(value: str) -> bool:
    """Whether what follows one label is only the next label, as on a blank form."""
    return fold(value).startswith(_labels())


def label_ending(text: str, end: int) -> int | None:
    """Where the longest known label begins that ends there, as whole words, blanks aside; None where none does."""
    begin = max(0, end - _LONGEST)
    folded = fold(text[begin:end]).rstrip(" ")
    for label in _labels_ending().get(folded[-_KEY:], ()):
        at = len(folded) - len(label)
        if folded.endswith(label) and (at == 0 or not folded[at - 1].isalnum()):
            return begin + at
    return None


def _occurrences(text: str) -> Iterator[Hit]:
    folded = fold(text)
    size = len(folded)
    for last, (phrase, uses) in _automaton().iter(folded):
        start, end = last - len(phrase) + 1, last + 1
        if (start == 0 or not folded[start - 1].isalnum()) and (end == size or not folded[end].isalnum()):
            yield Hit(start, end, phrase, uses)


def fold(text: str) -> str:
    """Lower case, straight quotes, one line; never another length, so that spans stay true."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.translate(_FOLDS)


@cache
def _labels() -> tuple[str, ...]:
    listed = [PERSON_LABELS, *(words.labels for words in VOCABULARY.values())]
    return tuple(label for labels in listed for label in labels.split("|") if label)


@cache
def _labels_ending() -> dict[str, list[str]]:
    """By their last characters, the longest first."""
    found: dict[str, list[str]] = {}
    for label in sorted(_labels(), key=len, reverse=True):
        found.setdefault(label[-_KEY:], []).append(label)
    return found


@cache
def _automaton() -> ahocorasick.Automaton:
    uses: dict[str, list[Use]] = {}
    for category, words in VOCABULARY.items():
        for role, listed in (
            (Role.TITLE, words.titles),
            (Role.HEADING, words.headings),
            (Role.LABEL, words.labels),
            (Role.PHRASE, words.phrases),
            (Role.STRONG, words.strong),
        ):
            for phrase in filter(None, listed.split("|")):
                uses.setdefault(phrase.lstrip("~"), []).append(Use(role, category, phrase.startswith("~")))
    for role, listed in ((Role.PERSON, PERSON_LABELS), (Role.GENERAL, GENERAL), (Role.HEALTH, HEALTH_WORDS)):
        for phrase in listed.split("|"):
            uses.setdefault(phrase, []).append(Use(role, None))
    automaton = ahocorasick.Automaton()
    for phrase, all_uses in uses.items():
        automaton.add_word(phrase, (phrase, tuple(all_uses)))
    automaton.make_automaton()
    return automaton
