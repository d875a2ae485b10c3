"""What is to be read on a picture, and whether that is all there is.

Purpose: the judgement that a picture holds no more writing than was read. Trust: the picture is hostile.
Failure: ``OutOfTime``; whatever is in doubt is not ``whole``, which holds the mail.

The rule, measured in docs/ocr.md. A picture is read whole if

1. its words were read surely: Tesseract's own word of 60 of 100, and 80 on the average;
2. what other ink there is, is crumbs: no longer than a word, no taller than two lines, three in a hundred in all;
3. on a page, besides: a mark with a shape in it (a logo) at head or foot, a signature beside "sincerely" or "signed";
4. off a page, besides: it has no more pixels than a letterhead, and is flat as drawings are. A photograph has tones,
   and nobody can say of a photograph that it shows no person and no note in somebody's hand.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from classifiers.extract.reading import Sight
from classifiers.ocr import ink, upright
from classifiers.ocr.engine import Engine, Grey, Word

_Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
_DPI = 200
_GOOD_SCALE = 0.6, 1.5
"""Letters so near to the best size are left as they are: each change of size costs sharpness, and time."""
_SMALL_PRINT = 1.4
"""Screens' letters have few pixels; small pictures are enlarged the more, which costs little."""
_SURE = 60.0
_SURE_ON_AVERAGE = 80.0
_UNSURE_SHARE = 0.04
_PLAINLY = 20
_WORDS_OF_A_PAGE, _PAPER = 15, 140
_DARK = 110
"""Light writing on something as dark as this is turned into its negative first."""
_CRUMB_INK, _NO_CRUMBS_COUNT = 0.03, 60
_CRUMB_WIDTH, _CRUMB_PIECES, _CRUMB_LINES = 100, 12, 2.0
_EMBLEM_SHAPE, _EMBLEM_REACH, _EMBLEMS, _EMBLEM_PIECES = 5, 31, 2, 3
_LINE = 12.0
_MARGIN = 5
_EDGE = 0.2
_BLOCK_THICK, _BLOCK_WIDTH, _BLOCK_FILLED = 6, 24, 0.85
_LOGO_SHAPE, _LOGO_REACH, _LOGO_SHARE = 12, 45, 0.1
_SIGNATURE_WIDTH, _SIGNATURE_REACH = 0.45, 110
_SIGNS = re.compile(r"sincerely|faithfully|truly|regards|wishes|sign(?:ed|ature)?\b", re.IGNORECASE)
_TONES, _TONES_OF_JPEG, _TONES_SMOOTHED, _TONES_OF_A_PAGE = 0.12, 0.35, 0.06, 0.05
_FAINT, _EDGE_OF_SHAPE = 4, 40


def look(engine: Engine, picture: Grey, seconds: float, *, dpi: int = 0, small: bool = False) -> Sight:
    """Read one picture. ``dpi`` is known of rendered pages, 0 otherwise; ``small`` is no larger than a letterhead.

    Raises ``OutOfTime``.
    """
    lit = upright.evenly_lit(cv2.bitwise_not(picture) if float(np.median(picture)) < _DARK else picture)
    lit = upright.level(lit, ink.strokes(upright.scaled(lit, 0.5)))
    by = upright.letter_scale(ink.strokes(lit)) * (_SMALL_PRINT if small else 1)
    if not _GOOD_SCALE[0] <= by <= (1 if small else _GOOD_SCALE[1]):
        lit = upright.scaled(lit, by)
    shown = _read(engine, lit, dpi or _DPI, seconds)
    return Sight(_text(shown.words), _is_whole(shown, page=bool(dpi), small=small))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A picture the right way up, with its words."""

    picture: Grey
    words: Sequence[Word]

    @property
    def sure(self) -> list[Word]:
        return [w for w in self.words if w.confidence >= _SURE]

    @property
    def letters(self) -> int:
        """How many characters were read surely."""
        return sum(len(w.text) for w in self.sure)

    @property
    def is_sure(self) -> bool:
        """Whether the words were read well, all in all. True of none."""
        unsure = len(self.words) - len(self.sure)
        average = float(np.mean([w.confidence for w in self.sure])) if self.sure else 100.0
        return average >= _SURE_ON_AVERAGE and unsure <= max(1, _UNSURE_SHARE * len(self.words))


def _read(engine: Engine, picture: Grey, dpi: int, seconds: float) -> _Shown:
    """As it lies, where Tesseract is sure of it; else the way up that it thinks right; else all four are tried.

    Looking for the way up takes twice the time of reading, and most pages lie right. On one that does not, it is sure
    of nothing.
    """
    ways: list[_Shown] = []
    until = time.monotonic() + seconds
    for oriented in (False, True):
        ways.append(_Shown(picture, engine.words(picture, dpi, until - time.monotonic(), oriented=oriented)))
        if ways[-1].is_sure and ways[-1].letters > _PLAINLY:
            return ways[-1]
    for quarters in (1, 2, 3):
        turned = np.ascontiguousarray(np.rot90(picture, quarters))
        ways.append(_Shown(turned, engine.words(turned, dpi, until - time.monotonic())))
        if ways[-1].is_sure and ways[-1].letters > _PLAINLY:
            break
    return max(ways, key=lambda way: way.letters)


def _is_whole(shown: _Shown, *, page: bool, small: bool) -> bool:
    if not shown.is_sure:
        return False
    half = upright.scaled(shown.picture, 0.5)
    sure = [_halved(w) for w in shown.sure]
    page = page or (len(sure) >= _WORDS_OF_A_PAGE and float(np.median(half)) > _PAPER)
    if not (page or small) or _has_tones(half, sure, page=page):
        return False
    strokes = ink.strokes(half)
    if page:
        strokes[_edges_of_blocks(half) > 0] = 0
    bare = _without(half, sure)
    excused = _logos(bare) + _signatures(sure, half) if page else _emblems(bare)
    rest = [c for c in ink.left_over(strokes, sure) if not _within(c, excused)]
    line = float(np.median([w.box[3] - w.box[1] for w in sure])) if sure else _LINE
    allowed = max(_CRUMB_INK * int(np.count_nonzero(strokes)), _NO_CRUMBS_COUNT)
    return sum(c.ink for c in rest) <= allowed and all(_is_crumb(c, line) for c in rest)


def _halved(word: Word) -> Word:
    left, top, right, bottom = word.box
    return replace(word, box=(left // 2, top // 2, right // 2, bottom // 2))


def _is_crumb(cluster: ink.Cluster, line: float) -> bool:
    return (
        cluster.right - cluster.left <= _CRUMB_WIDTH
        and cluster.bottom - cluster.top <= _CRUMB_LINES * line
        and cluster.pieces <= _CRUMB_PIECES
    )


def _has_tones(half: Grey, words: Iterable[Word], *, page: bool) -> bool:
    """Whether it has shades as photographs have, outside its words."""
    near = np.ones((3, 3), np.uint8)
    outside = np.ones(half.shape, bool)
    for word in words:
        left, top, right, bottom = word.box
        outside[max(0, top - _MARGIN) : bottom + _MARGIN, max(0, left - _MARGIN) : right + _MARGIN] = False
    if not outside.any():
        return False
    raw, smoothed = (
        float(np.mean(_steps(seen, near)[outside]))
        for seen in (half, cv2.medianBlur(cv2.bilateralFilter(half, 9, 40, 5), 3))
    )
    return (
        smoothed > _TONES_OF_A_PAGE if page else raw > _TONES and (raw > _TONES_OF_JPEG or smoothed > _TONES_SMOOTHED)
    )


def _steps(seen: Grey, near: np.ndarray) -> np.ndarray:
    """Where neighbours differ by a little, as they do in shades."""
    steps = cv2.subtract(cv2.dilate(seen, near), cv2.erode(seen, near))
    return (steps >= _FAINT) & (steps <= _EDGE_OF_SHAPE)


def _without(half: Grey, words: Iterable[Word]) -> Grey:
    """The picture with its words painted over."""
    bare = half.copy()
    for word in words:
        left, top, right, bottom = word.box
        around = half[max(0, top - _MARGIN) : bottom + _MARGIN, max(0, left - _MARGIN) : right + _MARGIN]
        bare[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = np.median(around)
    return bare


def _edges_of_blocks(half: Grey) -> Grey:
    """Where the sides and corners of filled rectangles are, such as the head of a table: they are no strokes."""
    edges = np.zeros(half.shape, np.uint8)
    apart = (cv2.absdiff(half, np.full_like(half, int(np.median(half)))) > _EDGE_OF_SHAPE).astype(np.uint8)
    blocks = cv2.morphologyEx(apart, cv2.MORPH_OPEN, np.ones((_BLOCK_THICK, _BLOCK_THICK), np.uint8))
    for outline in cv2.findContours(blocks, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        _, _, across, down = cv2.boundingRect(outline)
        is_block = across >= _BLOCK_WIDTH and down >= 2 * _BLOCK_THICK
        if is_block and cv2.contourArea(outline) >= _BLOCK_FILLED * across * down:
            cv2.drawContours(edges, [outline], -1, 255, thickness=2 * _MARGIN + 1)
    return edges


def _logos(half: Grey) -> list[_Box]:
    """Boxes around thick shapes at the head and the foot of a page, if together they are as small as logos are."""
    height = half.shape[0]
    boxes = [box for box, _ in _shapes(half, _LOGO_SHAPE, _LOGO_REACH)]
    edge = [b for b in boxes if b[3] <= _EDGE * height or b[1] >= (1 - _EDGE) * height]
    return edge if sum((b[2] - b[0]) * (b[3] - b[1]) for b in edge) <= _LOGO_SHARE * half.size else []


def _emblems(half: Grey) -> list[_Box]:
    """Boxes around the thick shapes of a small drawing, if they are as few as a logo has.

    Outlines, handwriting and letters are thin; a row of letters in a heavy type is a row of shapes.
    """
    found = list(_shapes(half, _EMBLEM_SHAPE, _EMBLEM_REACH))
    few = len(found) <= _EMBLEMS and all(pieces <= _EMBLEM_PIECES for _, pieces in found)
    return [box for box, _ in found] if few else []


def _shapes(half: Grey, thick: int, reach: int) -> Iterator[tuple[_Box, int]]:
    """Boxes around what is thicker than ``thick`` on the paper, and how many pieces are in each."""
    border = np.concatenate((half[0], half[-1], half[:, 0], half[:, -1]))
    apart = (np.abs(half.astype(np.int16) - int(np.median(border))) > _EDGE_OF_SHAPE).astype(np.uint8)
    shapes = cv2.morphologyEx(apart, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    around = cv2.dilate(shapes, np.ones((reach, reach), np.uint8))
    _, groups, stats, _ = cv2.connectedComponentsWithStats(around, connectivity=8)
    _, pieces = cv2.connectedComponents(shapes, connectivity=8)
    for number in range(1, len(stats)):
        left, top, across, down = (int(v) for v in stats[number][:4])
        inside = len(np.unique(pieces[(groups == number) & (shapes > 0)]))
        yield (left, top, left + across, top + down), inside


def _signatures(words: Iterable[Word], half: Grey) -> list[_Box]:
    """Below or behind each word that a signature follows: a place as large as a signature."""
    wide = int(half.shape[1] * _SIGNATURE_WIDTH)
    return [
        (w.box[0] - _MARGIN, w.box[1] - _MARGIN, w.box[0] + wide, w.box[3] + _SIGNATURE_REACH)
        for w in words
        if _SIGNS.match(w.text)
    ]


def _within(cluster: ink.Cluster, boxes: Iterable[_Box]) -> bool:
    return any(
        b[0] <= cluster.left and b[1] <= cluster.top and cluster.right <= b[2] and cluster.bottom <= b[3] for b in boxes
    )


def _text(words: Iterable[Word]) -> str:
    return "".join(w.text + ("\n" if w.ends_line else " ") for w in words).strip()
