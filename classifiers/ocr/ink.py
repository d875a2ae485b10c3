"""What else a page shows than the words that were read: strokes that may be writing, and tones that make a photograph.

Purpose: "nothing was found" must mean that there is nothing to find. Trust: none; it is arithmetic over pixels.
Failure: never raises.

Ink is what differs from the middle of its surroundings, whichever of the two is the darker, so that uneven light and
coloured bars are none; the inside of a large shape is none either, since letters are made of strokes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from classifiers.ocr.engine import Grey, Word

_AROUND = 25
"""Pixels across of the surroundings: a quarter of an inch of a page."""
_CONTRAST = 32
_RULE = 48
"""Pixels. What is longer and straight is a rule or the side of a box."""
_APART_X, _APART_Y = 14, 7
_DUST = 4
_THIN, _DASH, _POST = 3, 10, 18
"""What is this thin and this long is a piece of a faint rule; no stroke of a pen is as straight."""
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """Strokes near each other that no word accounts for. ``ink`` is their pixels, ``pieces`` how many hang together."""

    left: int
    top: int
    right: int
    bottom: int
    ink: int
    pieces: int

    @property
    def area(self) -> int:
        """Of its box, in pixels."""
        return (self.right - self.left) * (self.bottom - self.top)


def strokes(picture: Grey) -> Grey:
    """255 where there is ink."""
    middle = cv2.medianBlur(picture, _AROUND)
    return ((cv2.absdiff(picture, middle) > _CONTRAST) * np.uint8(255)).astype(np.uint8)


def left_over(ink: Grey, words: Iterable[Word]) -> list[Cluster]:
    """Clusters of ink outside the words and their lines, without rules, boxes and dust."""
    rest = ink.copy()
    for word in words:
        left, top, right, bottom = word.box
        rest[max(0, top - _MARGIN) : bottom + _MARGIN, max(0, left - _MARGIN) : right + _MARGIN] = 0
    for size in ((_RULE, 1), (1, _RULE)):
        rule = cv2.morphologyEx(rest, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, size))
        rest[cv2.dilate(rule, np.ones((5, 5), np.uint8)) > 0] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
    across, down = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    lying, standing = (down <= _THIN) & (across >= _DASH), (across <= _THIN) & (down >= _POST)
    dust = ((across <= _DUST) & (down <= _DUST)) | lying | standing
    dust[0] = True
    rest[dust[labels]] = 0
    return list(_clusters(rest, [s for s, d in zip(stats, dust, strict=True) if not d])) if count > 1 else []


def _clusters(rest: Grey, pieces: list[np.ndarray]) -> Iterator[Cluster]:
    near = cv2.dilate(rest, np.ones((_APART_Y, _APART_X), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    inside = np.zeros(len(stats), int)
    for piece in pieces:
        row, column = piece[cv2.CC_STAT_TOP], piece[cv2.CC_STAT_LEFT]
        box = labels[row : row + piece[cv2.CC_STAT_HEIGHT], column : column + piece[cv2.CC_STAT_WIDTH]]
        inside[box.max()] += 1
    ink = np.bincount(labels[rest > 0], minlength=len(stats))
    for number in range(1, len(stats)):
        left, top, width, height, _ = (int(v) for v in stats[number])
        yield Cluster(left, top, left + width, top + height, int(ink[number]), int(inside[number]))
