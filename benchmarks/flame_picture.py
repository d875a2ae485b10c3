"""A flame graph (as Brendan Gregg's, roots on top) of what py-spy saw in a relay, small enough to be read and kept.

``py-spy record --gil --format raw --output stacks.txt --pid PID`` while mails come, then
``python -m benchmarks.flame_picture stacks.txt docs/pictures/flame.svg``. A frame is as wide as its share of the
processor time in Python; what has less than half a hundredth is left out, and so is what lies below the step at which
a stack begins to be ours. Hold the mouse over a frame, or read its ``title``, for its name and share.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

_FRAME = re.compile(r"(?P<name>.*) \((?P<file>.*?)(?::\d+)?\)")
_ROOTS = {"Relay._work": "the pipeline, in threads", "Relay.run_forever": "the dialogue, the event loop"}
_WIDE, _ROW, _TOP, _LETTER, _DEEPEST, _LEAST = 1200, 18, 40, 6.6, 16, 0.005
_COLOURS = {
    "gateway": "#f4a261",
    "vault": "#7fb3d5",
    "register": "#9bc995",
    "classifiers": "#d7bde2",
    "domain": "#f2d16b",
}


@dataclass(slots=True)
class Frame:
    """A function below its caller: samples with it in their stack, and what it calls."""

    name: str
    file: str
    samples: int = 0
    calls: dict[tuple[str, str], Frame] = field(default_factory=dict)


def read(lines: Iterable[str]) -> Frame:
    """The tree of py-spy's raw lines: frames by semicolons from the root on, then how often."""
    top = Frame("relay, processor time in Python", "")
    for line in lines:
        stack, _, times = line.rpartition(" ")
        here = top
        here.samples += int(times)
        for name, file in _told(stack.split(";")):
            here = here.calls.setdefault((name, file), Frame(name, file))
            here.samples += int(times)
    return top


def _told(stack: Sequence[str]) -> Iterator[tuple[str, str]]:
    """From the frame on at which it becomes ours; the rest of the threads' machinery is one."""
    frames = [(m["name"], m["file"]) for m in map(_FRAME.fullmatch, stack) if m]
    begin = next((n for n, (name, _) in enumerate(frames) if name in _ROOTS), None)
    if begin is None:
        yield "threads and hand-over", ""
        return
    yield _ROOTS[frames[begin][0]], ""
    yield from (f for f in frames[begin + 1 :] if "lambda" not in f[0])


def draw(top: Frame) -> str:
    """The picture."""
    rows = list(_rows(top, top.samples, 0.0, 0))
    height = _TOP + _ROW * (max(depth for depth, *_ in rows) + 1) + 12
    looks = 'font-family="sans-serif" font-size="11" role="img" aria-labelledby="title"'
    title = "Flame graph of a relay under plain 5 KB mails"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {height}" {looks}>',
        f'<title id="title">{title}</title>',
        f'<rect width="{_WIDE}" height="{height}" fill="white"/>',
        f'<text x="8" y="24" font-size="14" font-weight="bold">{title}: {top.samples:,} samples</text>',
        *(_box(*row) for row in rows),
        "</svg>\n",
    ]
    return "\n".join(parts)


_Row = tuple[int, float, float, Frame]
"""Depth, where it begins and how wide it is (0 to 1), what it is."""


def _rows(frame: Frame, total: int, at: float, depth: int) -> Iterator[_Row]:
    share = frame.samples / total
    if share < _LEAST or depth > _DEEPEST:
        return
    yield depth, at, share, frame
    for called in sorted(frame.calls.values(), key=lambda f: -f.samples):
        yield from _rows(called, total, at, depth + 1)
        at += called.samples / total


def _box(depth: int, at: float, share: float, frame: Frame) -> str:
    x, y, width = at * _WIDE, _TOP + depth * _ROW, share * _WIDE
    colour = _COLOURS.get(frame.file.partition("/")[0], "#dddddd")
    words = frame.name.replace("<locals>.", "")
    shown = words if len(words) * _LETTER < width - 6 else words[: max(0, int((width - 6) / _LETTER))]
    said = f"{words} {frame.file} {share:.1%}".replace("  ", " ")
    label = f'<text x="{x + 3:.1f}" y="{y + 13}">{escape(shown)}</text>' if len(shown) > 2 else ""
    return (
        f'<g><title>{escape(said)}</title><rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.5):.1f}" '
        f'height="{_ROW - 1}" fill="{colour}"/>{label}</g>'
    )


if __name__ == "__main__":
    stacks, picture = map(Path, sys.argv[1:])
    picture.write_text(draw(read(stacks.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
