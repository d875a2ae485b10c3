"""The reliability curve and the confusion as SVG 1.1, hand-written; readable without colours and without eyes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from classifiers.training.measure import Bin
from domain.model import Category

_INK, _GREY, _BAR, _LINE = "#14202b", "#4a5a68", "#93c0e0", "#1f5f99"
_SHADES = (("#ffffff", _GREY), ("#eaf2f9", _INK), ("#c8dff0", _INK), ("#93c0e0", _INK), ("#2f74ad", "#ffffff"))
_STEPS = (0.0, 0.05, 0.25, 0.6)
_SIZE, _LEFT, _TOP = 360, 70, 60
_CELL, _NAMES = 40, 260
_SLANT, _HEADS = 130, 170
"""How far the slanting heads of the columns reach beyond the last one, and upwards."""
Pair = tuple[Category | None, Category | None]


def reliability(curves: Mapping[str, Sequence[Bin]], title: str) -> str:
    """Likelihood against the share that is truly confidential; the size of a point is its number of documents."""
    width, height = _LEFT + _SIZE + 190, _TOP + _SIZE + 60
    said = "; ".join(
        f"{name}: " + ", ".join(f"{b.mean:.2f} is {b.share:.2f} ({b.count})" for b in bins)
        for name, bins in curves.items()
    )
    parts = [
        *_frame(width, height, title, f"Mean likelihood, share truly confidential, documents. {said}"),
        f'<rect x="{_LEFT}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" fill="none" stroke="{_GREY}"/>',
        _segment(0, 0, 1, 1, f'stroke="{_GREY}" stroke-dasharray="2 4"'),
        *_ticks(),
        *(line for number, (name, bins) in enumerate(curves.items()) for line in _curve(number, name, bins)),
        _text(_LEFT + _SIZE / 2, height - 14, "likelihood that was said", anchor="middle"),
        f'<g transform="rotate(-90 20 {_TOP + _SIZE / 2})">'
        + _text(20, _TOP + _SIZE / 2, "share that is confidential", anchor="middle")
        + "</g>",
        "</svg>\n",
    ]
    return "\n".join(parts)


_STYLES = (("#1f5f99", "", 0.9), ("#a33b00", "6 3", 0.5), ("#4a5a68", "2 2", 0.5))


def _curve(number: int, name: str, bins: Sequence[Bin]) -> Iterator[str]:
    colour, dash, opacity = _STYLES[number % len(_STYLES)]
    points = " ".join(f"{_x(b.mean):.1f},{_y(b.share):.1f}" for b in bins)
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
    for b in bins:
        radius = 3 + min(9, b.count**0.5 / 2)
        yield f'<circle cx="{_x(b.mean):.1f}" cy="{_y(b.share):.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="{opacity}"/>'
    at = _TOP + 20 + 22 * number
    x = _LEFT + _SIZE + 20
    yield f'<line x1="{x}" x2="{x + 28}" y1="{at}" y2="{at}" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>'
    yield _text(x + 36, at + 4, name)


def _ticks() -> Iterator[str]:
    for tenth in range(0, 11, 2):
        yield _text(_x(tenth / 10), _TOP + _SIZE + 18, f"{tenth / 10:g}", anchor="middle", fill=_GREY)
        yield _text(_LEFT - 8, _y(tenth / 10) + 4, f"{tenth / 10:g}", anchor="end", fill=_GREY)


def _x(value: float) -> float:
    return _LEFT + _SIZE * value


def _y(value: float) -> float:
    return _TOP + _SIZE * (1 - value)


def _segment(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{_x(x1)}" y1="{_y(y1)}" x2="{_x(x2)}" y2="{_y(y2)}" {style}/>'


def confusion(counts: Mapping[Pair, int], title: str) -> str:
    """What documents are (rows) against what was said first of them (columns); shades are shares of the row."""
    kinds: tuple[Category | None, ...] = (*Category, None)
    width, height = _NAMES + _CELL * len(kinds) + _SLANT, _TOP + _HEADS + _CELL * len(kinds) + 20
    wrong = [
        f"{_name(t)} called {_name(s)}: {n}" for (t, s), n in sorted(counts.items(), key=lambda p: -p[1]) if t is not s
    ]
    parts = [*_frame(width, height, title, f"Off the diagonal: {'; '.join(wrong) or 'nothing'}.")]
    for column, kind in enumerate(kinds):
        x = _NAMES + _CELL * column + _CELL / 2
        parts.append(
            f'<g transform="rotate(-55 {x} {_TOP + _HEADS - 10})">{_text(x, _TOP + _HEADS - 10, _name(kind))}</g>'
        )
    for row, true in enumerate(kinds):
        y = _TOP + _HEADS + _CELL * row
        total = sum(counts.get((true, kind), 0) for kind in kinds)
        parts.append(_text(_NAMES - 8, y + _CELL / 2 + 4, f"{_name(true)} ({total})", anchor="end"))
        for column, kind in enumerate(kinds):
            parts += _cell(_NAMES + _CELL * column, y, counts.get((true, kind), 0), total)
    return "\n".join([*parts, "</svg>\n"])


def _cell(x: float, y: float, count: int, total: int) -> Iterator[str]:
    share = count / total if total else 0.0
    fill, ink = _SHADES[sum(share > step for step in _STEPS)]
    yield f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="{fill}" stroke="#dde5ec"/>'
    if count:
        yield _text(x + _CELL / 2, y + _CELL / 2 + 4, str(count), anchor="middle", fill=ink)


def _name(kind: Category | None) -> str:
    return kind.label if kind else "not confidential"


def _frame(width: float, height: float, title: str, described: str) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
        ' role="img" aria-labelledby="title desc" font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">'
    )
    yield f'<title id="title">{escape(title)}</title>'
    yield f'<desc id="desc">{escape(described)}</desc>'
    yield f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    yield _text(16, 28, title, size=16, weight="bold")


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", fill: str = _INK, size: int = 12, weight: str = "normal"
) -> str:
    style = f'text-anchor="{anchor}" fill="{fill}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(words)}</text>'
