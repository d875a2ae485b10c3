"""PDF: the printed text by pdfium, and by qpdf what pdfium reads as blank.

Purpose: page text, filled form fields, sticky notes, the document's own title, and files inside the file.
Trust: hostile; a nested array aborts pdfium, which the sandbox survives; qpdf refuses it first.
Failure: ``Unread`` ENCRYPTED, CORRUPT, TOO_MANY or NO_TEXT (a page that is a picture counts as unread, until OCR).
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_WORDS_OF_A_PAGE = 50
"""Characters. A page with a large picture and less text than this is a scan with a stamp on it."""
_LARGE_SHARE = 0.3
_DRAWN_LETTERS = 200
_FIELD_DEPTH = 32


def read_pdf(item: Item, reading: Reading) -> None:
    """Everything in it that is written. Pages count from 1; what belongs to no page is said on page 1."""
    try:
        with pikepdf.open(io.BytesIO(item.content), attempt_recovery=True, inherit_page_attributes=False) as pdf:
            beyond = _Beyond(pdf, reading.limits.pdf_objects, reading.limits.member_bytes)
            notes = beyond.notes(reading.limits.pages)
            titles, files = list(beyond.titles()), beyond.files()
            if any("limits error" in warning for warning in pdf.get_warnings()):
                raise Unread(UnreadableReason.CORRUPT)
    except pikepdf.PasswordError:
        raise Unread(UnreadableReason.ENCRYPTED) from None
    except (pikepdf.PdfError, RecursionError):
        raise Unread(UnreadableReason.CORRUPT) from None
    unseen = _say_pages(item, reading, notes)
    written = reading.said(item.path)
    reading.say(item.path, item.place, "\n".join(titles))
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
            printed, picture = _page(document, index)
            reading.say(item.path, item.place, "\n".join([printed, *notes.get(index + 1, [])]), index + 1)
            unseen = unseen or picture
        return unseen
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, index: int) -> tuple[str, bool]:
    """A page's text, and whether it shows something large that is not text."""
    page = document[index]
    try:
        textpage = page.get_textpage()
        text = textpage.get_text_range()
        textpage.close()
        return text, len(text.strip()) < _WORDS_OF_A_PAGE and _pictured(page)
    finally:
        page.close()


def _pictured(page: pypdfium2.PdfPage) -> bool:
    area = max(page.get_width() * page.get_height(), 1.0)
    drawn = 0
    for thing in page.get_objects(max_depth=4):
        if thing.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = thing.get_bounds()
            if abs((right - left) * (top - bottom)) > _LARGE_SHARE * area:
                return True
        drawn += thing.type == pdfium_c.FPDF_PAGEOBJ_PATH
    return drawn > _DRAWN_LETTERS


class _Beyond:
    """What lies beside the printed text. Every walk is counted, so that a knot of objects ends."""

    def __init__(self, pdf: pikepdf.Pdf, objects: int, member_bytes: int) -> None:
        self._pdf = pdf
        self._left = objects
        self._member_bytes = member_bytes

    def notes(self, pages: int) -> dict[int, list[str]]:
        """Form values and annotation texts, by page."""
        found: dict[int, list[str]] = {1: list(self._fields())}
        for number, page in enumerate(self._pdf.pages, 1):
            if number > pages:
                break
            for note in _array(page.obj.get("/Annots")):
                self._count()
                lines = [text for key in ("/Contents", "/RC") if (text := _text(_get(note, key)))]
                found.setdefault(number, []).extend([*lines, *self._field(note, "", 0)])
        return {number: list(dict.fromkeys(lines)) for number, lines in found.items()}

    def files(self) -> list[tuple[str, bytes]]:
        """Embedded files, from the name tree and from file attachment annotations."""
        specs = [spec for _, spec in self._name_tree(_get(_get(self._pdf.Root, "/Names"), "/EmbeddedFiles"), 0)]
        specs += [
            s
            for page in self._pdf.pages
            for note in _array(page.obj.get("/Annots"))
            if (s := _get(note, "/FS")) is not None
        ]
        specs += list(_array(_get(self._pdf.Root, "/AF")))
        seen: set[tuple[int, int]] = set()
        found = []
        for spec in specs:
            stream = _get(_get(spec, "/EF"), "/F") or _get(_get(spec, "/EF"), "/UF")
            if isinstance(stream, pikepdf.Stream) and stream.objgen not in seen:
                seen.add(stream.objgen)
                found.append((_text(_get(spec, "/UF")) or _text(_get(spec, "/F")) or "attached", self._bytes(stream)))
        return found

    def titles(self) -> Iterator[str]:
        """What the document calls itself. It is no sign that its pages can be read."""
        info = self._pdf.trailer.get("/Info")
        for key in ("/Title", "/Subject", "/Keywords"):
            text = _text(_get(info, key))
            if text.lower() not in {"", "untitled", "unspecified", "anonymous"}:
                yield text

    def _fields(self) -> Iterator[str]:
        form = _get(self._pdf.Root, "/AcroForm")
        for field in _array(_get(form, "/Fields")):
            yield from self._field(field, "", 0)
        xfa = _get(form, "/XFA")
        for stream in [xfa, *_array(xfa)]:
            if isinstance(stream, pikepdf.Stream):
                yield self._bytes(stream).decode("utf-8", "replace")

    def _field(self, field: object, above: str, depth: int) -> Iterator[str]:
        """``name: value`` of a field and its kids. The tool-tip is what people see; the name often is not."""
        self._count()
        if depth > _FIELD_DEPTH or not isinstance(field, pikepdf.Dictionary):
            return
        name = _text(_get(field, "/TU")) or _text(_get(field, "/T")) or above
        value = _value(_get(field, "/V")) or _value(_get(field, "/DV"))
        if value and value != "Off":
            yield f"{name}: {value}" if name else value
        for kid in _array(_get(field, "/Kids")):
            yield from self._field(kid, name, depth + 1)

    def _name_tree(self, node: object, depth: int) -> Iterator[tuple[str, object]]:
        """ISO 32000-1 section 7.9.6."""
        if depth > _FIELD_DEPTH or not isinstance(node, pikepdf.Dictionary):
            return
        names = list(_array(_get(node, "/Names")))
        for name, spec in zip(names[::2], names[1::2], strict=False):
            self._count()
            yield _text(name), spec
        for kid in _array(_get(node, "/Kids")):
            self._count()
            yield from self._name_tree(kid, depth + 1)

    def _bytes(self, stream: pikepdf.Stream) -> bytes:
        content = bytes(stream.read_bytes())
        if len(content) > self._member_bytes:
            raise Unread(UnreadableReason.TOO_LARGE)
        return content

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Unread(UnreadableReason.TOO_MANY)


def _get(thing: object, key: str) -> object:
    """What a dictionary holds; None for whatever is no dictionary."""
    return thing.get(key) if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)) else None


def _array(thing: object) -> Iterator[object]:
    if isinstance(thing, pikepdf.Array):
        yield from iter(thing)


def _value(thing: object) -> str:
    """A field's value: a string, a name such as ``/Yes``, a stream of rich text, or a list of choices."""
    if isinstance(thing, pikepdf.Array):
        return ", ".join(_text(v) for v in thing if _text(v))
    return _text(thing)


def _text(thing: object) -> str:
    if isinstance(thing, pikepdf.Stream):
        return bytes(thing.read_bytes())[:100_000].decode("utf-8", "replace")
    if isinstance(thing, pikepdf.Name):
        return str(thing).removeprefix("/")
    return str(thing) if isinstance(thing, (pikepdf.String, str)) else ""
