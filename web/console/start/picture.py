"""The week as a picture: one bar a day, in pieces by what became of the copies. Pure; the page draws it as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.decision import Action
from vault.week import Day

WIDTH, HEIGHT = 700, 260
_LEFT, _TOP, _BOTTOM = 50, 15, 45
KINDS = (
    (Action.RELAY, "sent as it was", "plain"),
    (Action.ENCRYPT, "sent encrypted", "encrypted"),
    (Action.HOLD, "held", "held"),
    (Action.REJECT, "refused", "refused"),
)
"""From the foot of a bar upwards: what was decided, in words, and the name of its colour in the style."""


class Piece(NamedTuple):
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int
    colour: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: its pieces, and the name beneath."""

    middle: int
    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """``lines`` are the heights of the scale's lines and what they say."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[int, int], ...]
    foot: int = HEIGHT - _BOTTOM
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def draw(week: Sequence[Day]) -> Picture:
    """The picture. A week without a mail has empty days and a scale to one."""
    top = _round_up(max((sum(day.counts.values()) for day in week), default=0))
    room = (WIDTH - _LEFT) // max(1, len(week))
    bars = tuple(_bar(day, _LEFT + number * room, room, top) for number, day in enumerate(week))
    return Picture(bars, tuple((_height(value, top), value) for value in dict.fromkeys((0, top // 2, top))))


def _bar(day: Day, x: int, room: int, top: int) -> Bar:
    pieces, below = [], 0
    for action, _, colour in KINDS:
        count = day.counts.get(action, 0)
        if count:
            y, foot = _height(below + count, top), _height(below, top)
            pieces.append(Piece(x + room // 6, y, room * 2 // 3, max(1, foot - y), colour))
            below += count
    return Bar(x + room // 2, f"{day.day:%a} {day.day.day}", tuple(pieces))


def _height(value: int, top: int) -> int:
    """From the picture's upper edge."""
    return HEIGHT - _BOTTOM - value * (HEIGHT - _TOP - _BOTTOM) // top


def _round_up(value: int) -> int:
    """The scale's end: 1, 2 or 5 times a power of ten, and even where it is halved."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if value <= factor * step:
                return factor * step
        step *= 10
