"""Pages as a reader holds them: even light, lines level, letters of a size that can be read.

Purpose: what Tesseract wants before it reads. It turns pages by quarters itself, but reads nothing on one that leans by
seven degrees. Trust: none; it is arithmetic over pixels. Failure: never raises.
"""

from __future__ import annotations

import cv2
import numpy as np

from classifiers.ocr.engine import Grey

_LOOKED_AT = 800
"""Pixels of the longer side at which lean and light are judged."""
_LEANS = np.arange(-10.0, 10.5, 1.0)
_LEVEL = 0.3
"""Degrees that nobody, and no reader, minds."""
_LIGHT = 91
_UNEVEN = 40
_LETTER = 16
"""Pixels of height of a small letter that reads well: eleven points at 200 to the inch."""
_LETTERS = (5, 120)
_LARGER, _SMALLER = 4.0, 0.25
_ENOUGH = 8


def evenly_lit(picture: Grey) -> Grey:
    """Divided by its own background where that is uneven, as on a photograph of a page; else as it is."""
    small = _small(picture)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((9, 9), np.uint8)), _LIGHT)
    darkest, lightest = np.percentile(paper, (5, 95))
    if lightest - darkest < _UNEVEN:
        return picture
    behind = cv2.resize(paper, picture.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cv2.divide(picture, np.maximum(behind, 32), scale=255)


def level(picture: Grey, ink: Grey) -> Grey:
    """Turned so that its lines, or its columns if it lies on its side, run straight."""
    small = _small(ink)
    best = _straightest(small, _LEANS)
    best = _straightest(small, np.arange(best - 0.75, best + 1, 0.25))
    return picture if abs(best) < _LEVEL else _turned(picture, best, int(np.median(picture)))


def letter_scale(ink: Grey) -> float:
    """By how much to enlarge so that letters have the height that reads well; 1.0 where there are too few to tell."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    heights, widths = stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_WIDTH]
    letters = heights[(heights >= _LETTERS[0]) & (heights <= _LETTERS[1]) & (widths <= 3 * heights)]
    if len(letters) < _ENOUGH:
        return 1.0
    return float(np.clip(_LETTER / np.percentile(letters, 60), _SMALLER, _LARGER))


def scaled(picture: Grey, by: float) -> Grey:
    """Enlarged or reduced."""
    how = cv2.INTER_CUBIC if by > 1 else cv2.INTER_AREA
    return cv2.resize(picture, None, fx=by, fy=by, interpolation=how) if by != 1 else picture


def _small(picture: Grey) -> Grey:
    by = _LOOKED_AT / max(picture.shape)
    return scaled(picture, by) if by < 1 else picture


def _turned(picture: Grey, degrees: float, paper: int) -> Grey:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=paper)


def _straightest(ink: Grey, leans: np.ndarray) -> float:
    return float(max(leans, key=lambda lean: _lines(_turned(ink, float(lean), 0))))


def _lines(ink: Grey) -> float:
    """How clearly rows, or columns, are either full or empty."""
    lit = ink.astype(np.float32)
    return max(float(np.var(np.diff(lit.sum(axis=1)))), float(np.var(np.diff(lit.sum(axis=0)))))
