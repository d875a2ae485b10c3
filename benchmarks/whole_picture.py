"""Whole mails as a picture: a group a size, a bar for each who takes them, as long as the processor time a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

_LEFT, _TOP, _ROW, _WIDE, _RIGHT = 330, 58, 20, 420, 170
_OURS, _OTHERS, _INK = "#1d70b8", "#b1b4b6", "#0b0c0c"
_TITLE = "Processor time of a mail, in milliseconds, and mails a second by the clock"
_LOOKS = 'font-family="sans-serif" font-size="12" role="img" aria-labelledby="title desc"'

Bar = tuple[tuple[str, bool], tuple[float, float]]
"""Its words, whether it is ours; mails a second, milliseconds."""


def draw(groups: Mapping[str, Sequence[Bar]]) -> str:
    """The picture. Each group has a scale of its own, said in its bars' figures."""
    height = _TOP + sum(_ROW * (len(bars) + 2) for bars in groups.values())
    said = "; ".join(
        f"{n}, {b[0][0]}: {b[1][1]:.1f} ms, {b[1][0]:.1f} a second" for n, bars in groups.items() for b in bars
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE + _RIGHT} {height}" {_LOOKS}>',
        f'<title id="title">{_TITLE}</title>',
        f'<desc id="desc">{escape(said)}</desc>',
        f'<rect width="{_LEFT + _WIDE + _RIGHT}" height="{height}" fill="white"/>',
        f'<text x="12" y="24" font-weight="bold" font-size="14">{_TITLE}</text>',
        *_groups(groups),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _groups(groups: Mapping[str, Sequence[Bar]]) -> Iterator[str]:
    top = _TOP
    for name, bars in groups.items():
        yield f'<text x="12" y="{top + 12}" font-weight="bold" fill="{_INK}">{escape(name)}</text>'
        top += _ROW
        scale = _WIDE / max(spent for _, (_, spent) in bars)
        for (words, ours), (rate, spent) in bars:
            yield from _bar(top, words, spent * scale, _OURS if ours else _OTHERS, f"{spent:.1f} ms, {rate:.1f} /s")
            top += _ROW
        top += _ROW


def _bar(top: int, words: str, length: float, colour: str, figures: str) -> Iterator[str]:
    middle = top + _ROW / 2 + 4
    yield f'<text x="{_LEFT - 10}" y="{middle}" text-anchor="end" fill="{_INK}">{escape(words)}</text>'
    yield f'<rect x="{_LEFT}" y="{top + 3}" width="{length:.1f}" height="{_ROW - 6}" fill="{colour}"/>'
    yield f'<text x="{_LEFT + length + 8:.1f}" y="{middle}" fill="{_INK}">{figures}</text>'
