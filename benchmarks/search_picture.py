"""The cost curve of the search as a picture: ``python -m benchmarks.search_picture NAME=FILE ... > picture.svg``.

Each file holds what ``python -m benchmarks.search --within`` or ``--tantivy`` printed: a line of JSON a step. Two
panels with logarithmic axes: the time of a search at the 95th percentile (processor time, which other work on the
machine does not stretch), and the size of the index.
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
_TIMES = "Processor time of a search, 95th percentile (ms)"
_TITLE = "What a search costs, and how large the index is, by the number of records"


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
    described = 'role="img" aria-labelledby="title desc"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {described}>',
        f'<title id="title">{_TITLE}</title>',
        f'<desc id="desc">{"; ".join(_said(measured))}</desc>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        *_panel(
            _LEFT,
            "Processor time of a search, 95th percentile (ms)",
            Axis(0.1, 10_000, _HIGH),
            _times(measured),
            (50, 200),
        ),
        *_panel(_LEFT + _PANEL + _BETWEEN, "Size of the index (MB)", Axis(1, 20_000, _HIGH), _sizes(measured), ()),
        *_legend(measured),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _said(measured: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    """The figures in words, for who does not see the picture."""
    for name, steps in measured.items():
        for step in steps:
            times = ", ".join(f"{kind} {step[f'{kind} cpu']:.1f} ms" for kind in _DASHES)
            yield f"{name}, {step['records']:,.0f} records: {times}"


@dataclass(frozen=True)
class Line:
    """Values by numbers of records. What is measured beside ours is drawn fainter."""

    points: Sequence[tuple[float, float]]
    colour: str
    dash: str
    faint: bool = False


def _times(measured: dict[str, list[dict[str, float]]]) -> Iterator[Line]:
    for (_, steps), colour in zip(measured.items(), _COLOURS, strict=False):
        for kind, dash in _DASHES.items():
            yield Line([(s["records"], s[f"{kind} cpu"]) for s in steps], colour, dash)
            plain = [(s["records"], s[f"plain {kind} cpu"]) for s in steps if f"plain {kind} cpu" in s]
            yield Line(plain, colour, dash, faint=True)


def _sizes(measured: dict[str, list[dict[str, float]]]) -> Iterator[Line]:
    for (_, steps), colour in zip(measured.items(), _COLOURS, strict=False):
        for key, faint in (("bytes a record", False), ("plain bytes a record", True)):
            sizes = [(s["records"], s[key] * s["records"] / 1e6) for s in steps if key in s]
            yield Line(sizes, colour, "", faint)


def _panel(left: int, title: str, y: Axis, lines: Iterator[Line], targets: Sequence[float]) -> Iterator[str]:
    x, bottom = Axis(8_000, 1_200_000, _PANEL), _TOP + _HIGH
    yield f'<text x="{left}" y="{_TOP - 20}" font-weight="bold">{title}</text>'
    for value in y.decades():
        at = bottom - y.at(value)
        yield f'<line x1="{left}" x2="{left + _PANEL}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>'
        yield f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{value:,g}</text>'
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
    for line in lines:
        yield from _drawn(line, [(left + x.at(n), bottom - y.at(max(v, y.low))) for n, v in line.points])


def _drawn(line: Line, places: Sequence[tuple[float, float]]) -> Iterator[str]:
    style = f'stroke-width="{1.2 if line.faint else 2.2}" opacity="{0.55 if line.faint else 1}"'
    placed = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
    drawn = f'fill="none" stroke="{line.colour}" stroke-dasharray="{line.dash}"'
    yield f'<polyline points="{placed}" {drawn} {style}/>'
    for across, down in places:
        yield f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{2 if line.faint else 3.2}" fill="{line.colour}" {style}/>'


def _legend(measured: dict[str, list[dict[str, float]]]) -> Iterator[str]:
    top = _TOP + _HIGH + 62
    for n, (name, colour) in enumerate(zip(measured, _COLOURS, strict=False)):
        yield f'<rect x="{_LEFT + n * 200}" y="{top}" width="14" height="4" fill="{colour}"/>'
        yield f'<text x="{_LEFT + n * 200 + 20}" y="{top + 7}">{name}</text>'
    for n, said in enumerate(
        (
            "Left: unbroken, selective queries; dashed, the commonest words. tantivy over the same plain words.",
            "Strong: ours, keyed tokens, with all its rows. Thin: the same database's own index of the plain words.",
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
