"""How one word differs from another by one slip of a typing hand. Pure.

A slip is what the optimal string alignment distance counts as one (Damerau 1964): a letter too many, one missing, two
swapped, or another letter in its place. Whether the other letter's key lies beside the right one is said apart: in a
short word that alone makes a slip likely.
"""

from __future__ import annotations

from enum import Enum


class Slip(Enum):
    """What the hand did."""

    ADDED = "a letter too many"
    MISSING = "a letter missing"
    SWAPPED = "two letters swapped"
    NEXT_KEY = "the key beside the right one"
    OTHER = "another letter"


_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
"""A British keyboard; each row lies half a key to the right of the one above."""


def slip(typed: str, right: str) -> Slip | None:
    """The one slip by which ``typed`` became of ``right``; None where they are equal, or further apart."""
    if len(typed) == len(right):
        return _in_place(typed, right)
    if len(typed) == len(right) + 1:
        return Slip.ADDED if _one_more(typed, right) else None
    if len(typed) + 1 == len(right):
        return Slip.MISSING if _one_more(right, typed) else None
    return None


def _in_place(typed: str, right: str) -> Slip | None:
    differing = [n for n, (a, b) in enumerate(zip(typed, right, strict=True)) if a != b]
    if len(differing) == 1:
        n = differing[0]
        return Slip.NEXT_KEY if beside(typed[n], right[n]) else Slip.OTHER
    if len(differing) == 2 and differing[1] == differing[0] + 1:  # noqa: PLR2004 - two letters that stand together
        first, second = differing
        return Slip.SWAPPED if typed[first] == right[second] and typed[second] == right[first] else None
    return None


def _one_more(longer: str, shorter: str) -> bool:
    """Whether the longer one is the shorter one and a letter."""
    n = next((n for n, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b), len(shorter))
    return longer[n + 1 :] == shorter[n:]


def beside(one: str, other: str) -> bool:
    """Whether the keys touch."""
    here, there = _PLACES.get(one), _PLACES.get(other)
    if here is None or there is None or here == there:
        return False
    return abs(here[0] - there[0]) <= 1 and abs(here[1] - there[1]) <= 1


_PLACES = {key: (row, column + row / 2) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
