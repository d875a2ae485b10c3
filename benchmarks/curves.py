"""Measured curves as a picture: panels below each other, each with axes of its own that begin at nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _GAP = 640, 190, 80, 210, 60, 80
_COLOURS = ("#1d70b8", "#d4351c", "#00703c", "#912b88", "#f47738", "#505a5f", "#28a197", "#b58840")
_INK, _GRID = "#0b0c0c", "#dddddd"

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """Its words, and where it goes through."""

    words: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Panel:
    """Curves over the same axes; ``limit`` is a dashed line across, with its words."""

    title: str
    across: str
    curves: Sequence[Curve]
    limit: tuple[float, str] | None = None


def draw(title: str, panels: Sequence[Panel], said: str) -> str:
    """SVG. ``said`` is the same in words, for who does not see it."""
    width, height = _LEFT + _WIDE + _RIGHT, _TOP + len(panels) * (_HIGH + _GAP)
    looks = 'font-family="sans-serif" font-size="12" role="img" aria-labelledby="title desc"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {looks}>',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(said)}</desc>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="12" y="24" font-size="14" font-weight="bold" fill="{_INK}">{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts += _panel(panel, _TOP + number * (_HIGH + _GAP))
    return "\n".join([*parts, "</svg>\n"])


def ticks(most: float) -> list[float]:
    """Four to ten round values from 0 up to ``most``."""
    power = 10.0 ** math.floor(math.log10(most or 1))
    step = next(power * part for part in (0.1, 0.2, 0.5, 1) if most / (power * part) <= 10)
    return [step * n for n in range(math.floor(most / step + 1e-9) + 1)]


def _panel(panel: Panel, top: int) -> Iterator[str]:
    points = [point for curve in panel.curves for point in curve.points] or [(1.0, 1.0)]
    most_x = max(x for x, _ in points) or 1.0
    most_y = max(max(y for _, y in points) * 1.05, panel.limit[0] * 1.2 if panel.limit else 0) or 1.0
    bottom = top + _HIGH
    yield f'<text x="{_LEFT}" y="{top - 10}" font-weight="bold" fill="{_INK}">{escape(panel.title)}</text>'
    for value in ticks(most_y):
        at = bottom - value / most_y * _HIGH
        yield f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{at:.1f}" y2="{at:.1f}" stroke="{_GRID}"/>'
        yield f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="{_INK}">{_number(value)}</text>'
    for value in ticks(most_x):
        at = _LEFT + value / most_x * _WIDE
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top}" y2="{bottom}" stroke="{_GRID}"/>'
        yield f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle" fill="{_INK}">{_number(value)}</text>'
    middle = _LEFT + _WIDE / 2
    yield f'<text x="{middle}" y="{bottom + 34}" text-anchor="middle" fill="{_INK}">{escape(panel.across)}</text>'
    for number, curve in enumerate(panel.curves):
        yield from _curve(curve, number, top, most_x, most_y)
    if panel.limit:
        at = bottom - panel.limit[0] / most_y * _HIGH
        yield f'<line x1="{_LEFT}" x2="{_LEFT + _WIDE}" y1="{at:.1f}" y2="{at:.1f}" stroke="{_INK}" {_DASHED}/>'
        yield f'<text x="{_LEFT + 6}" y="{at - 5:.1f}" fill="{_INK}">{escape(panel.limit[1])}</text>'


_DASHED = 'stroke-dasharray="5 4"'


def _curve(curve: Curve, number: int, top: int, most_x: float, most_y: float) -> Iterator[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    places = [(_LEFT + x / most_x * _WIDE, top + _HIGH - y / most_y * _HIGH) for x, y in curve.points]
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
    if len(places) <= 20:
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
    legend = top + 10 + number * 18
    yield f'<rect x="{_LEFT + _WIDE + 14}" y="{legend - 8}" width="14" height="4" fill="{colour}"/>'
    yield f'<text x="{_LEFT + _WIDE + 34}" y="{legend}" fill="{_INK}">{escape(curve.words)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 or not value else f"{value:g}"
