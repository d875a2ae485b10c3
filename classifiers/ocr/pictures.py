"""The pictures of one mail: read under a budget, with word to the relay before each.

Purpose: what readers of documents ask when they meet a picture. Trust: hostile pictures. Failure: ``Unread``
TIMED_OUT or TOO_MANY when the budget is spent, TOO_LARGE, CORRUPT or UNSUPPORTED of a picture itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from classifiers.extract.reading import Sight, Unread
from classifiers.limits import Limits
from domain.model import UnreadableReason

if TYPE_CHECKING:
    from classifiers.ocr.engine import Engine, Grey


class Pictures:
    """``busy`` is called before each picture, so that nobody takes a page that is being read for a stall."""

    def __init__(self, limits: Limits, busy: Callable[[], None] = lambda: None) -> None:
        """Loads nothing yet."""
        self._limits = limits
        self._busy = busy
        self._engine: Engine | None = None
        self.begin()

    def begin(self) -> None:
        """A new mail with a whole budget."""
        self._left, self._seconds = self._limits.ocr_pages, self._limits.ocr_seconds

    def file(self, content: bytes) -> Iterator[Sight]:
        """What each frame of a picture file shows. Raises ``Unread``."""
        from classifiers.ocr import raster  # noqa: PLC0415 - a third of a second, for mails with pictures only

        for frame in raster.frames(content, self._limits):
            small = frame.grey.size <= self._limits.letterhead_pixels
            seen = self._look(frame.grey, dpi=0, small=small)
            yield Sight(seen.text, seen.whole and not frame.doubt)

    def said_by(self, content: bytes) -> str:
        """What a picture file says about itself. Raises ``Unread``."""
        from classifiers.ocr import raster  # noqa: PLC0415 - the same

        return raster.said_by(content)

    def page(self, grey: Grey, dpi: int) -> Sight:
        """What a page shows that was drawn at this resolution. Raises ``Unread``."""
        return self._look(grey, dpi=dpi, small=False)

    def _look(self, grey: Grey, *, dpi: int, small: bool) -> Sight:
        from classifiers.ocr import engine, sight  # noqa: PLC0415 - the same

        self._left -= 1
        if self._left < 0:
            raise Unread(UnreadableReason.TOO_MANY)
        if self._seconds <= 0:
            raise Unread(UnreadableReason.TIMED_OUT)
        self._busy()
        begun = time.monotonic()
        try:
            seconds = min(self._limits.ocr_page_seconds, self._seconds)
            return sight.look(self._loaded(), grey, seconds, dpi=dpi, small=small)
        except engine.OutOfTime:
            raise Unread(UnreadableReason.TIMED_OUT) from None
        finally:
            self._seconds -= time.monotonic() - begun

    def _loaded(self) -> Engine:
        if self._engine is None:
            import cv2  # noqa: PLC0415 - the same

            from classifiers.ocr.engine import Engine  # noqa: PLC0415 - the same

            cv2.setNumThreads(1)
            self._engine = Engine()
        return self._engine
