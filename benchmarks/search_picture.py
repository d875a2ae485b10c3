"""The cost curve of the search as a picture: ``python -m benchmarks.search_picture NAME=FILE ... > picture.svg``.

Each file holds what ``python -m benchmarks.search --within`` printed: a line of JSON a step. Two panels with
logarithmic axes: the time of a search at the 95th percentile, and the size of the index.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PANEL, _HIGH, _LEFT, _TOP, _BETWEEN = 360, 280, 70, 50, 110
_COLOURS = ("#1d70b8", "#d4351c", "#00703c", "#912b88")
_DASHES = {"selective": "", "commonest": "6 3"}


@dataclass(frozen=True)
class Axis:
    """A decade after the other, from ``low`` to ``high``, over ``length`` units."""

    low: float
    high: float
    length: float

    def at(self, value: float) -> float:
        """How far along."""
        return self.length * (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))

    def decades(self) -> Iterator[float]:
        """The values at which lines are drawn."""
        power = math.ceil(math.log10(self.low))
        while 10**power <= self.high:
            yield 10.0**power
            power += 1


def draw(measured: dict[str, list[dict[str, float]]]) -> str:
    """The picture."""
    width, height = _LEFT * 2 + _PANEL * 2 + _BETWEEN, _HIGH + _TOP + 130
    size = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *_panel(_LEFT, "Time of a search, 95th percentile (ms)", Axis(1, 1_000, _HIGH), _times(measured), (50, 200)),
        *_panel(_LEFT + _PANEL + _BETWEEN, "Size of the index (MB)", Axis(1, 20_000, _HIGH), _sizes(measured), ()),
        *_legend(measured),
        "</svg>\n",
    ]
    return "\n".join(parts)


Line = tuple[Sequence[tuple[float, float]], str, str]


def _times(measured: dict[str, list[dict[str, float]]]) -> Iterator[Line]:
    for (_, steps), colour in zip(measured.items(), _COLOURS, strict=False):
        for kind, dash in _DASHES.items():
            yield [(s["records"], s[kind]) for s in steps], colour, dash


def _sizes(measured: dict[str, list[dict[str, float]]]) -> Iterator[Line]:
    for (_, steps), colour in zip(measured.items(), _COLOURS, strict=False):
        for key, dash in (("bytes a record", ""), ("plain bytes a record", "2 3")):
            yield [(s["records"], s[key] * s["records"] / 1e6) for s in steps], colour, dash


def _panel(left: int, title: str, y: Axis, lines: Iterator[Line], targets: Sequence[float]) -> Iterator[str]:
    x, bottom = Axis(8_000, 1_200_000, _PANEL), _TOP + _HIGH
    yield f'<text x="{left}" y="{_TOP - 20}" font-weight="bold">{title}</text>'
    for value in y.decades():
        at = bottom - y.at(value)
        yield f'<line x1="{left}" x2="{left + _PANEL}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{value:,.0f}</text>'
    for value in x.decades():
        at = left + x.at(value)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{bottom}" stroke="#ddd"/>'
        yield f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{value:,.0f}</text>'
    yield f'<text x="{left + _PANEL / 2}" y="{bottom + 38}" text-anchor="middle">records</text>'
    for value in targets:
        at = bottom - y.at(value)
        place = f'x1="{left}" x2="{left + _PANEL}" y1="{at:.1f}" y2="{at:.1f}"'
        yield f'<line {place} stroke="#505a5f" stroke-dasharray="1 4"/>'
        yield f'<text x="{left + _PANEL}" y="{at - 4:.1f}" text-anchor="end" fill="#505a5f">target {value:g} ms</text>'
    for points, colour, dash in lines:
        placed = " ".join(f"{left + x.at(n):.1f},{bottom - y.at(max(v, y.low)):.1f}" for n, v in points)
        yield f'<polyline points="{placed}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
        for n, v in points:
            yield f'<circle cx="{left + x.at(n):.1f}" cy="{bottom - y.at(max(v, y.low)):.1f}" r="3" fill="{colour}"/>'


def _legend(measured: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    top = _TOP + _HIGH + 62
    for n, (name, colour) in enumerate(zip(measured, _COLOURS, strict=False)):
        yield f'<rect x="{_LEFT + n * 200}" y="{top}" width="14" height="4" fill="{colour}"/>'
        yield f'<text x="{_LEFT + n * 200 + 20}" y="{top + 7}">{name}</text>'
    for n, said in enumerate(
        (
            "Left: unbroken, selective queries; dashed, the commonest words.",
            "Right: unbroken, keyed tokens with the rows they are made of; dotted, an index of plain words.",
        )
    ):
        yield f'<text x="{_LEFT}" y="{top + 28 + n * 16}">{said}</text>'


def main(arguments: Sequence[str]) -> None:
    """Print it."""
    measured = {}
    for argument in arguments:
        name, _, path = argument.partition("=")
        measured[name] = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    sys.stdout.write(draw(measured))


if __name__ == "__main__":
    main(sys.argv[1:])
