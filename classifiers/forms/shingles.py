"""Texts as words in order, and as hashes of every three words in a row.

Purpose: what a registered form and a document are compared by (Broder, "On the resemblance and containment of
documents", 1997). Trust: hostile text; linear. Failure: none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from classifiers.documents.lexicon import fold
from domain.model import PageText

SIZE = 3
"""Words a shingle: two are too common, four break at every filled field."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it compares, and where it stands."""

    word: str
    page: int
    start: int
    end: int


def tokens(pages: Iterable[PageText]) -> list[Token]:
    """All words of a document in order; ``page`` counts from 0 in ``pages``. Rules to write on are no words."""
    return [
        Token(match[0], number, match.start(), match.end())
        for number, page in enumerate(pages)
        for match in _WORD.finditer(fold(page.text))
    ]


def shingles(words: Iterable[str]) -> list[int]:
    """One hash for each three words in a row, in order. Thirty-two bits: a form is a share of them, never one."""
    listed = list(words)
    return [crc32(" ".join(listed[at : at + SIZE]).encode()) for at in range(len(listed) - SIZE + 1)]
