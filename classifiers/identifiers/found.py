"""One identifier and where it stands, and what every finder asks about the words before it.

Purpose: what the finders share. Trust: hostile text; every look is bounded. Failure: none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from domain.model import IdentifierKind

BEFORE = 60
"""Characters in which a word may say what a number is."""
_OTHER_WORDS = (
    "account|a/c|invoice|inv|order|purchase|po|ref|reference|isbn|vat|ext|charity|serial|model|part|batch|ticket|job|"
    "quote|quotation|asset|version|receipt|tracking|parcel|consignment|voucher|booking|licence|license|policy|case|"
    "meter|mpan|mprn|registration|reg|item|sku|barcode|company|delivery|postage|docket|permit|grant"
)
_OTHERS = frozenset(_OTHER_WORDS.split("|"))
"""What else councils number."""
_WORD = re.compile(r"[a-z/]+")
_LAST_LINE = re.compile(r"[\n\d]")
_LEAD, _LAST = 50, 4


@dataclass(frozen=True, slots=True)
class Found:
    """``value`` is normalised; ``rule`` names what recognised it."""

    kind: IdentifierKind
    value: str
    rule: str
    start: int
    end: int


def before(text: str, start: int, length: int = BEFORE) -> str:
    """The characters before a place."""
    return text[max(0, start - length) : start]


def around(text: str, start: int, end: int, back: int = BEFORE, on: int = BEFORE) -> str:
    """The characters before and after a span, and the span."""
    return text[max(0, start - back) : end + on]


def of_something_else(text: str, start: int, words: int = _LAST) -> bool:
    """Whether the last words before call the number an invoice's, an order's, a meter's or the like."""
    return not _OTHERS.isdisjoint(last_words(text, start, words))


def last_words(text: str, start: int, words: int = _LAST) -> list[str]:
    """The last few words, folded, on the line before a place, as far back as the next digit."""
    return _WORD.findall(_LAST_LINE.split(before(text, start, _LEAD))[-1].lower())[-words:]


class Covered:
    """Which characters some spans hold; answers in logarithmic time, since a hostile text has very many."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._reach = list(accumulate((end for _, end in ordered), max))

    def touches(self, start: int, end: int) -> bool:
        """Whether any of them shares a character with this one."""
        earlier = bisect_left(self._starts, end)
        return bool(earlier) and self._reach[earlier - 1] > start


def digits(spelling: str) -> str:
    """Its decimal digits."""
    return "".join(filter(str.isdecimal, spelling))
