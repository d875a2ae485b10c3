"""Tesseract, as one reader process has it: loaded at the first picture, one page at a time, under a time limit.

Purpose: words with confidences and places. Trust: the picture is hostile; Tesseract's data is ours. Failure:
``OutOfTime``; where Tesseract or its data is missing, ``presence.available`` says so and nobody gets this far.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy.typing as npt
from PIL import Image

from classifiers.ocr.presence import data_folder

if TYPE_CHECKING:
    import tesserocr

Grey = npt.NDArray[Any]
"""A picture: rows of brightness, octets of 0 to 255."""
_MILLISECONDS = 1000


class OutOfTime(Exception):
    """The page took longer than it may."""


@dataclass(frozen=True, slots=True)
class Word:
    """What was read, how surely (0 to 100), and where: left, top, right, bottom in pixels."""

    text: str
    confidence: float
    box: tuple[int, int, int, int]
    ends_line: bool = False


class Engine:
    """One Tesseract. Not thread-safe, as its process is not."""

    def __init__(self) -> None:
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")
        import tesserocr  # noqa: PLC0415 - a quarter of a second, for mails with pictures only

        folder = data_folder()
        if folder is None:
            raise FileNotFoundError("no Tesseract data")
        self._names = tesserocr
        self._api: tesserocr.PyTessBaseAPI = tesserocr.PyTessBaseAPI(path=str(folder), lang="eng")

    def words(self, picture: Grey, dpi: int, seconds: float, *, oriented: bool = False) -> list[Word]:
        """Every word, in reading order. ``oriented`` finds out first which side is up. Raises ``OutOfTime``.

        Boxes are in the picture as it was given, however it was turned.
        """
        api, modes = self._api, self._names.PSM
        api.SetPageSegMode(modes.AUTO_OSD if oriented else modes.AUTO)
        api.SetImage(Image.fromarray(picture))
        api.SetSourceResolution(dpi)
        try:
            if not api.Recognize(max(1, int(seconds * _MILLISECONDS))):
                raise OutOfTime
            return list(self._each(api))
        finally:
            api.Clear()

    def _each(self, api: tesserocr.PyTessBaseAPI) -> Iterator[Word]:
        level = self._names.RIL.WORD
        words = api.GetIterator()
        if words is None:
            return
        for word in self._names.iterate_level(words, level):
            try:
                text, box = word.GetUTF8Text(level), word.BoundingBox(level)
            except RuntimeError:  # it has no text here
                continue
            if text and text.strip() and box:
                ends = word.IsAtFinalElement(self._names.RIL.TEXTLINE, level)
                yield Word(text.strip(), float(word.Confidence(level)), box, bool(ends))
