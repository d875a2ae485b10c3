"""PDF: the printed text by pdfium, and by qpdf what pdfium reads as blank.

Purpose: page text with its annotations' appearances, form fields, notes, bookmarks, properties, and files inside it.
Trust: hostile; a nested array aborts pdfium, which the sandbox survives; qpdf refuses it first.
Failure: ``Unread`` ENCRYPTED, CORRUPT, TOO_MANY or NO_TEXT.

A page with pictures that may hold writing, whatever stands beside them, or whose text nobody could see so
(``extract/legible.py``), is read as a picture; where that is not possible, or something on it stays unread, it is
NO_TEXT. Pictures may be a letterhead: together at most a tenth of the page (a banner of 21 by
3 cm; a logo has 2 to 5 %), of which 3 % away from the top and bottom fifth (a written signature has 1.6 %), and
400,000 pixels (that banner at 220 to the inch). A scan of a page, of a half or of a card has more.
"""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from classifiers.extract.legible import legible
from classifiers.extract.pdfobjects import Beyond
from classifiers.extract.reading import Item, Reading, Unread
from classifiers.limits import Limits
from domain.model import UnreadableReason

_WORDS_OF_A_PAGE = 50
"""Characters. A page with many drawings and less text than this is drawn letters with a stamp on them."""
_DRAWN = 200
_DRAWN_LETTERS = 400
"""Drawings with as many strokes as a letter has; more is a page of letters turned into outlines."""
_STROKES = 8
_EDGE = 0.2
_DEPTH = 15
_POINTS, _DPI = 72, 200


def read_pdf(item: Item, reading: Reading) -> None:
    """Everything in it that is written. Pages count from 1; what belongs to no page is said on page 1."""
    try:
        with pikepdf.open(io.BytesIO(item.content), attempt_recovery=True, inherit_page_attributes=False) as pdf:
            beyond = Beyond(pdf, reading.limits)
            notes, beside, files = beyond.notes(), list(beyond.strings()), beyond.files()
            if any("limits error" in warning for warning in pdf.get_warnings()):
                raise Unread(UnreadableReason.CORRUPT)
    except pikepdf.PasswordError:
        raise Unread(UnreadableReason.ENCRYPTED) from None
    except (pikepdf.PdfError, RecursionError):
        raise Unread(UnreadableReason.CORRUPT) from None
    unseen = _say_pages(item, reading, notes) or beyond.patterned
    written = reading.said(item.path)
    reading.say(item.path, item.place, "\n".join(beside))
    for name, content in files:
        reading.spend(len(content))
        reading.descend(item.inside(name, content))
    if unseen or not written:
        raise Unread(UnreadableReason.NO_TEXT)


def _say_pages(item: Item, reading: Reading, notes: dict[int, list[str]]) -> bool:
    """Say each page with what is noted on it. True when a page shows something that is not text."""
    try:
        document = pypdfium2.PdfDocument(item.content)
    except pypdfium2.PdfiumError:
        raise Unread(UnreadableReason.CORRUPT) from None
    try:
        if len(document) > reading.limits.pages:
            raise Unread(UnreadableReason.TOO_MANY)
        unseen = False
        for index in range(len(document)):
            printed, hidden = _page(document, index, reading.limits)
            reading.say(item.path, item.place, "\n".join([printed, *notes.get(index + 1, [])]), index + 1)
            unseen = (hidden and not _see(item, reading, document, index, printed)) or unseen
        return unseen
    finally:
        document.close()


def _see(item: Item, reading: Reading, document: pypdfium2.PdfDocument, index: int, printed: str) -> bool:
    """Read a page as a picture, and say what is not ``printed`` on it. True if nothing on it is left unread.

    A page for which there was no time is a finding of its own; the others are still read.
    """
    if reading.pictures is None:
        return False
    page = document[index]
    try:
        scale = min(_DPI / _POINTS, reading.limits.ocr_side / max(page.get_width(), page.get_height(), 1.0))
        drawn = page.render(scale=scale, grayscale=True).to_numpy()
        sight = reading.pictures.page(drawn.reshape(drawn.shape[:2]), _DPI)
    except Unread as unread:
        reading.cannot(item.path, unread.reason, item.filename)
        return False
    finally:
        page.close()
    reading.say(item.path, item.place, _besides(sight.text, printed), index + 1, pictured=True)
    return sight.whole


def _besides(seen: str, printed: str) -> str:
    """The lines of which not all words are printed."""
    words = set(printed.split())
    return "\n".join(line for line in seen.splitlines() if not words.issuperset(line.split()))


def _page(document: pypdfium2.PdfDocument, index: int, limits: Limits) -> tuple[str, bool]:
    """A page's text, its annotations' appearances included, and whether it shows something that is not text."""
    page = document[index]
    try:
        if pdfium_c.FPDFPage_GetAnnotCount(page.raw):
            pdfium_c.FPDFPage_Flatten(page.raw, pdfium_c.FLAT_NORMALDISPLAY)
            page.close()
            page = document[index]
        textpage = page.get_textpage()
        text = textpage.get_text_range()
        textpage.close()
        return text, not legible(text) or _Shown(page, limits).hides(len(text.strip()))
    finally:
        page.close()


class _Shown:
    """What a page shows besides text: shares of its area, pixels, drawings."""

    def __init__(self, page: pypdfium2.PdfPage, limits: Limits) -> None:
        self._limits = limits
        self._height = page.get_height()
        self._area = max(page.get_width() * self._height, 1.0)
        self._share = self._middle = 0.0
        self._pixels = self._drawn = self._letters = 0
        for thing in page.get_objects(max_depth=_DEPTH):
            if thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
                self._picture(thing)
            elif thing.type == pdfium_c.FPDF_PAGEOBJ_PATH:
                self._drawn += 1
                self._letters += pdfium_c.FPDFPath_CountSegments(thing.raw) >= _STROKES

    def hides(self, characters: int) -> bool:
        """Whether there may be writing in it that is not among the ``characters`` of the page's text."""
        limits = self._limits
        pictured = (
            self._share > limits.letterhead_share / 100
            or self._middle > limits.letterhead_middle / 100
            or self._pixels > limits.letterhead_pixels
        )
        drawn = self._letters > _DRAWN_LETTERS or (characters < _WORDS_OF_A_PAGE and self._drawn > _DRAWN)
        return pictured or drawn

    def _picture(self, thing: pypdfium2.PdfObject) -> None:
        """Count one. Inside forms only the outermost one's place is known, and each one's scale."""
        scale, outer = 1.0, thing
        while True:
            a, b, c, d, *_ = outer.get_matrix().get()
            scale *= abs(a * d - b * c)
            if outer.container is None:
                break
            outer = outer.container
        share = min(scale / self._area, 1.0)
        _, bottom, _, top = outer.get_bounds()
        self._share += share
        if not (top <= _EDGE * self._height or bottom >= (1 - _EDGE) * self._height):
            self._middle += share
        width, height = thing.get_px_size()
        if min(width, height) > self._limits.ornament_line:
            self._pixels += width * height
