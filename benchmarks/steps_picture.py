"""Where a mail's time goes, as a picture: a bar a step, processor time and, behind it, wall-clock time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

_LEFT, _TOP, _ROW, _WIDE, _RIGHT = 250, 64, 26, 520, 120
_PROCESSOR, _WALL, _INK = "#1d70b8", "#b1b4b6", "#0b0c0c"
_TITLE = "Where the time of a plain 5 KB mail goes (one thread, milliseconds a mail)"
_LOOKS = 'font-family="sans-serif" font-size="13" role="img" aria-labelledby="title desc"'

Step = tuple[str, float, float]
"""Its words; milliseconds of processor; milliseconds by the clock."""


def draw(rows: Sequence[Step]) -> str:
    """The picture. The last row is the sum, which is written and not drawn."""
    *steps, (_, processor, wall) = rows
    most = max(max(step[1:]) for step in steps)
    width, height = _LEFT + _WIDE + _RIGHT, _TOP + _ROW * len(steps) + 50
    said = "; ".join(f"{words}: {busy:.2f} of processor, {long:.2f} by the clock" for words, busy, long in rows)
    total = f"all: {processor:.2f} of processor (the reader\u2019s with it), {wall:.2f} by the clock"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {_LOOKS}>',
        f'<title id="title">{_TITLE}</title>',
        f'<desc id="desc">{escape(said)}</desc>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="12" y="24" font-weight="bold">{_TITLE}</text>',
        *_legend(),
        *(bar for n, step in enumerate(steps) for bar in _bar(_TOP + n * _ROW, step, _WIDE / most)),
        f'<text x="12" y="{height - 20}" fill="{_INK}" font-weight="bold">{total}</text>',
        "</svg>\n",
    ]
    return "\n".join(parts)


def _bar(top: int, step: Step, scale: float) -> Iterator[str]:
    words, busy, long = step
    middle = top + _ROW / 2 + 4
    yield f'<text x="{_LEFT - 10}" y="{middle}" text-anchor="end" fill="{_INK}">{escape(words)}</text>'
    yield f'<rect x="{_LEFT}" y="{top + 4}" width="{long * scale:.1f}" height="{_ROW - 8}" fill="{_WALL}"/>'
    yield f'<rect x="{_LEFT}" y="{top + 8}" width="{busy * scale:.1f}" height="{_ROW - 16}" fill="{_PROCESSOR}"/>'
    end = _LEFT + max(busy, long) * scale + 8
    by_clock = f" / {long:.2f}" if long else ""
    yield f'<text x="{end:.1f}" y="{middle}" fill="{_INK}">{busy:.2f}{by_clock}</text>'


def _legend() -> Iterator[str]:
    for x, colour, words in ((_LEFT, _PROCESSOR, "processor"), (_LEFT + 110, _WALL, "by the clock, waits in it")):
        yield f'<rect x="{x}" y="38" width="14" height="10" fill="{colour}"/>'
        yield f'<text x="{x + 20}" y="48" fill="{_INK}">{words}</text>'
