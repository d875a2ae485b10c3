"""What a PDF holds beside its printed pages, by qpdf.

Purpose: form values, notes, bookmarks, alternative texts, links, properties, metadata, and every file inside, wherever
it hangs. Trust: hostile; every walk is counted, so that a knot of objects ends.
Failure: ``Unread`` TOO_MANY, TOO_LARGE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

import pikepdf

from classifiers.extract.reading import Unread
from classifiers.extract.text import html_text
from classifiers.limits import Limits
from domain.model import UnreadableReason

_FIELD_DEPTH = 32
_STEPS_AN_OBJECT = 20
_TOLD = ("/Title", "/Contents", "/RC", "/Alt", "/ActualText", "/E", "/TU", "/V", "/DV", "/Subj", "/URI", "/JS", "/T")
_IN_STREAMS = frozenset({"/RC", "/V", "/DV", "/JS"})
_PROGRAMS = frozenset({"/CreationDate", "/ModDate", "/Trapped", "/Producer", "/Creator"})
_MANY_DIGITS = re.compile(r"^(?!D:).*(?:\d\D{0,3}){8}")
_UNNAMED = frozenset({"", "untitled", "unspecified", "anonymous"})


class Beyond:
    """Reads one opened file, once. ``patterned``: pictures are painted as a pattern, which no page lists."""

    def __init__(self, pdf: pikepdf.Pdf, limits: Limits) -> None:
        self._pdf = pdf
        self._limits = limits
        self._left = limits.pdf_objects
        self._strings: dict[str, None] = {}
        self._files: dict[tuple[int, int], tuple[str, pikepdf.Stream]] = {}
        self.patterned = False
        self._walk()

    def strings(self) -> Iterator[str]:
        """Everything that is written in any object, and what the document says of itself. No sign of a page's text."""
        info = self._pdf.trailer.get("/Info")
        if isinstance(info, pikepdf.Dictionary):
            for key in info.keys():  # noqa: SIM118 - a pikepdf object is no mapping
                text = _text(info.get(key))
                by_program = key in _PROGRAMS and not _MANY_DIGITS.search(text)
                if not by_program and text.lower() not in _UNNAMED:
                    yield text if key == "/Title" else f"{key[1:]}: {text}"
        yield from self._strings

    def files(self) -> list[tuple[str, bytes]]:
        """Embedded files: of the name tree, of pages, of annotations, of any other object, and of none."""
        return [(name, self._bytes(stream)) for name, stream in self._files.values()]

    def _walk(self) -> None:
        """Every indirect object with the direct ones in it."""
        info = self._pdf.trailer.get("/Info")
        told = info.objgen if isinstance(info, pikepdf.Dictionary) else None
        left = self._limits.pdf_objects * _STEPS_AN_OBJECT
        for root in self._pdf.objects:
            stack = [root] if isinstance(root, pikepdf.Object) and root.objgen != told else []
            while stack:
                thing = stack.pop()
                left -= 1
                if left < 0:
                    raise Unread(UnreadableReason.TOO_MANY)
                if isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
                    self._look(thing)
                    inner = [thing.get(key) for key in thing.keys()]  # noqa: SIM118 - a pikepdf object is no mapping
                elif isinstance(thing, pikepdf.Array):
                    inner = list(iter(thing))
                else:
                    continue
                stack.extend(i for i in inner if isinstance(i, pikepdf.Object) and not i.is_indirect)

    def _look(self, thing: pikepdf.Dictionary | pikepdf.Stream) -> None:
        """Keep what one dictionary says, and the files in it."""
        kind = str(thing.get("/Type", ""))
        there = thing.keys()
        for key in _TOLD:
            if key not in there:
                continue
            value = thing.get(key)
            if isinstance(value, pikepdf.String) or (isinstance(value, pikepdf.Stream) and key in _IN_STREAMS):
                text = _text(value)
                self._strings[unquote(text) if key == "/URI" else text] = None
        name = _text(thing.get("/UF")) or _text(thing.get("/F")) or "attached"
        for stream in _values(thing.get("/EF")):
            if isinstance(stream, pikepdf.Stream):
                self._files[stream.objgen] = (name, stream)
        if isinstance(thing, pikepdf.Stream):
            if kind == "/EmbeddedFile":
                self._files.setdefault(thing.objgen, ("attached", thing))
            elif kind == "/Metadata":
                self._strings[html_text(_text(thing))] = None
        if "/PatternType" in thing:
            painted = _values(_get(thing.get("/Resources"), "/XObject"))
            self.patterned = self.patterned or any(str(_get(p, "/Subtype")) == "/Image" for p in painted)

    def notes(self) -> dict[int, list[str]]:
        """Form values and annotation texts, by page."""
        found: dict[int, list[str]] = {1: list(self._fields())}
        for number, page in enumerate(self._pdf.pages, 1):
            if number > self._limits.pages:
                break
            for note in _array(page.obj.get("/Annots")):
                self._count()
                lines = [text for key in ("/Contents", "/RC") if (text := _text(_get(note, key)))]
                found.setdefault(number, []).extend([*lines, *self._field(note, "", 0)])
        return {number: list(dict.fromkeys(lines)) for number, lines in found.items()}

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

    def _bytes(self, stream: pikepdf.Stream) -> bytes:
        content = bytes(stream.read_bytes())
        if len(content) > self._limits.member_bytes:
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


def _values(thing: object) -> list[object]:
    """What a dictionary holds, without the keys."""
    return [thing.get(key) for key in thing.keys()] if isinstance(thing, pikepdf.Dictionary) else []  # noqa: SIM118 - no mapping


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
