"""A text as the model reads it: its words, and the shapes of its numbers.

Purpose: the same for training and for use. Numbers become shapes ("14/03/1986" is "00/00/0000"), so that no number of
anybody's can come to stand in a model. Trust: hostile text; linear. Failure: none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from classifiers.documents.lexicon import fold
from domain.model import Evidence, PageText

_TERM = re.compile(r"[^\W\d_]{2,}(?:'[^\W\d_]+)?|\bi\b(?:'[a-z]+)?|\d[\d/.,:-]*\d|\d|£")
_DIGITS = str.maketrans("123456789", "0" * 9)
_LONGEST, _LONGEST_NUMBER = 30, 10


@dataclass(frozen=True, slots=True)
class Seen:
    """How often each term stands in a text, in the order in which they first come."""

    counts: dict[str, int]
    pages: tuple[PageText, ...]

    def first(self, term: str) -> tuple[int, int, int]:
        """Where it stands first: page number in the sequence, start, end. Looked up again, for few are ever asked for.

        Raises ``KeyError``.
        """
        for number, page in enumerate(self.pages):
            for match in _TERM.finditer(fold(page.text)):
                if _as_term(match[0]) == term:
                    return number, match.start(), match.end()
        raise KeyError(term)


def terms(pages: Iterable[PageText]) -> Seen:
    """Every term of a document. Single letters but "I", and words longer than 30, are none."""
    pages = tuple(pages)
    pieces: Counter[str] = Counter()
    for page in pages:
        pieces.update(fold(page.text).split())
    counts: dict[str, int] = {}
    for piece, times in pieces.items():
        for word in _words(piece):
            if term := _as_term(word):
                counts[term] = counts.get(term, 0) + times
    return Seen(counts, pages)


def _words(piece: str) -> Sequence[str]:
    """Of what stands between blanks, which no term holds: so each different piece is looked at once."""
    return (piece,) if len(piece) > 1 and piece.isalpha() else _TERM.findall(piece)


def spelt(text: str) -> Iterator[tuple[str, int, int]]:
    """Every word that is a term, with its start and end: how it was written can be looked up there."""
    for match in _TERM.finditer(fold(text)):
        if match[0][0].isalpha() and (term := _as_term(match[0])):
            yield term, match.start(), match.end()


def evidence(seen: Seen, term: str) -> Evidence:
    """Where a term of a text stands first. Raises ``KeyError``."""
    number, start, end = seen.first(term)
    page = seen.pages[number]
    return Evidence(page.part, page.place, f"word:{term}", page.text[start:end], page.page, start, end)


def _as_term(word: str) -> str:
    """Empty for what is none."""
    if word[0].isdigit():
        word = word[:_LONGEST_NUMBER].translate(_DIGITS)
    return word if len(word) <= _LONGEST else ""
