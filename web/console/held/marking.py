"""A text in pieces, so that what was found in it can be shown where it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

_TURNS = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00"), "\ufffd")
"""Signs that turn the direction of writing make a page say something else than what was read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """From and to (characters), and what was found there."""

    start: int
    end: int
    what: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words; ``found`` says what for, and is empty where nothing was found."""

    text: str = field(repr=False)
    found: tuple[str, ...] = ()


def pieces(text: str, marks: Iterable[Mark]) -> Iterator[Piece]:
    """The whole text in order. Marks may lie within and across each other; those beyond its ends are cut."""
    inside = sorted(
        (Mark(max(0, m.start), min(len(text), m.end), m.what) for m in marks if m.start < m.end),
        key=lambda m: (m.start, m.end),
    )
    cuts = sorted({0, len(text), *(c for m in inside if m.start < m.end for c in (m.start, m.end))})
    seen = text.translate(_TURNS)
    for start, end in pairwise(cuts):
        found = dict.fromkeys(m.what for m in inside if m.start <= start and end <= m.end)
        yield Piece(seen[start:end], tuple(found))


def around(pieced: Iterable[Piece], context: int = 160) -> list[Piece]:
    """The same, without the long stretches where nothing was found: an ellipsis stands for them."""
    return [p if p.found or len(p.text) <= 2 * context else _shortened(p, context) for p in pieced]


def _shortened(piece: Piece, context: int) -> Piece:
    return Piece(f"{piece.text[:context]} [\u2026] {piece.text[-context:]}")
