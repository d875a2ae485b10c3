"""The yearly plan as a picture: bars for what falls due, and below them each class's numbers.

SVG 1.1, hand-written. It can be read without colours (each cell bears its number, the shade only repeats it) and
without eyes (``title`` and ``desc`` say what is in it); text on every shade has a contrast of 4.5 to 1 or more
(WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from xml.sax.saxutils import escape

from domain.retention_plan import LATER, OPEN, OVERDUE, Plan
from domain.retention_words import label

_LEFT, _COLUMN, _ROW = 244, 64, 28
_TOP, _BARS = 56, 130
_INK, _GREY, _BAR, _ALARM = "#14202b", "#4a5a68", "#1f5f99", "#a33b00"
_SHADES = (("#eaf2f9", _INK), ("#c8dff0", _INK), ("#93c0e0", _INK), ("#2f74ad", "#ffffff"), ("#174a78", "#ffffff"))
HEADS = {OVERDUE: "overdue", LATER: "later", OPEN: "no day yet"}


def draw(plan: Plan, title: str) -> str:
    """The whole file."""
    width = _LEFT + _COLUMN * len(plan.columns) + 24
    height = _TOP + _BARS + 34 + _ROW * (len(plan.rows) + 1) + 44
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' role="img" aria-labelledby="title desc" font-family="DejaVu Sans, Verdana, sans-serif" font-size="13">'
    )
    parts = [
        head,
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(_described(plan))}</desc>',
        _HATCH,
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(16, 30, title, size=18, weight="bold"),
        *_bars(plan),
        *_rows(plan),
        _text(16, height - 16, _LEGEND, fill=_GREY, size=12),
        "</svg>\n",
    ]
    return "\n".join(parts)


_HATCH = (
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="7" height="7" fill="#ffffff"/><rect width="4" height="7" fill="{_ALARM}"/></pattern></defs>'
)
_LEGEND = "Bars: records that run out in that year; hatched: overdue. The darker a cell, the more records."


def _described(plan: Plan) -> str:
    said = [
        f"{HEADS.get(column, column)}: {total} records"
        for column, total in zip(plan.columns, plan.totals, strict=True)
        if total
    ]
    classes = [f"{label(name)} {sum(counts)}" for name, counts in plan.rows]
    return f"{'; '.join(said) or 'no records'}. By class: {', '.join(classes) or 'none'}."


def _bars(plan: Plan) -> Iterator[str]:
    """Of overdue and years: what is later or open would dwarf them, and stands in numbers below."""
    base = _TOP + _BARS
    drawn = len(plan.columns) - 2
    most = max([*plan.totals[:drawn], 1])
    for n, (column, total) in enumerate(zip(plan.columns, plan.totals, strict=True)):
        x = _LEFT + _COLUMN * n
        if n < drawn and total:
            tall = max(2, round((_BARS - 24) * total / most))
            fill = "url(#hatch)" if column == OVERDUE else _BAR
            edge = _ALARM if column == OVERDUE else _BAR
            box = f'x="{x + 10}" y="{base - tall}" width="{_COLUMN - 20}" height="{tall}"'
            yield f'<rect {box} fill="{fill}" stroke="{edge}"/>'
            yield _text(x + _COLUMN / 2, base - tall - 6, _number(total), anchor="middle", weight="bold")
        alarmed = column == OVERDUE and total > 0
        yield _text(x + _COLUMN / 2, base + 20, HEADS.get(column, column), anchor="middle",
                    fill=_ALARM if alarmed else _INK, size=11 if column == OPEN else 13)  # fmt: skip
    yield f'<line x1="{_LEFT}" y1="{base}" x2="{_LEFT + _COLUMN * drawn}" y2="{base}" stroke="{_INK}"/>'


def _rows(plan: Plan) -> Iterator[str]:
    top = _TOP + _BARS + 34
    most = max((n for _, counts in plan.rows for n in counts), default=1)
    for number, (name, counts) in enumerate([*plan.rows, ("", plan.totals)]):
        y = top + _ROW * number
        total = not name
        weight = "bold" if total else "normal"
        yield _text(_LEFT - 10, y + 19, "all" if total else label(name), anchor="end", weight=weight)
        for n, count in enumerate(counts):
            x = _LEFT + _COLUMN * n
            back, ink = ("#ffffff", _INK) if total or not count else _shade(count, most)
            yield f'<rect x="{x + 1}" y="{y + 1}" width="{_COLUMN - 2}" height="{_ROW - 2}" fill="{back}"/>'
            text = _number(count) if count else "·"
            yield _text(x + _COLUMN / 2, y + 19, text, anchor="middle", fill=ink if count else _GREY, weight=weight)


def _shade(count: int, most: int) -> tuple[str, str]:
    """By orders of magnitude: the classes differ by a hundred times."""
    share = log(count + 1) / log(most + 1)
    return _SHADES[min(int(share * len(_SHADES)), len(_SHADES) - 1)]


def _number(count: int) -> str:
    """Whole up to four digits; then in thousands, so that it fits a cell."""
    if count < 10_000:  # noqa: PLR2004 - four digits
        return str(count)
    return f"{count / 1000:.0f}k" if count < 1_000_000 else f"{count / 1_000_000:.1f}M"  # noqa: PLR2004 - where thousands end


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", fill: str = _INK, size: int = 13, weight: str = "normal"
) -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text {place} fill="{fill}" font-size="{size}" font-weight="{weight}">{escape(text)}</text>'
