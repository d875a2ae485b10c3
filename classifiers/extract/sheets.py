"""XLSX: every cell that holds something, as people see it.

Purpose: rows of tab-separated cells, sheet by sheet (hidden ones too), comments, sheet names, headers, formulas,
choices. Streams: a sparse sheet of a thousand million empty cells costs nothing. Trust: hostile. Failure: ``Unread``; a
book without a word is NO_TEXT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from classifiers.extract.package import read_rest
from classifiers.extract.reading import Item, Reading, Unread
from classifiers.extract.xmltext import feed, secure_parser
from classifiers.extract.zips import Members
from domain.model import UnreadableReason

_SHEET = re.compile(r"xl/(?:worksheets|chartsheets)/[^/]*?(\d*)\.xml$")
_DATE_FORMATS = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)})
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH = date(1899, 12, 30)
_LAST_DAY = 2_958_465
_SHOWN = frozenset({"v", "t", "oddHeader", "oddFooter", "firstHeader", "firstFooter", "evenHeader", "evenFooter"})
_BESIDE = frozenset({"f", "formula", "formula1", "formula2"})
"""Formulas and the lists that cells choose from; said after the cells, so that no row is torn apart."""
_TELLING = frozenset({"dataValidation", "hyperlink", "inputCells", "scenario", "cfRule"})
_TOLD = frozenset({"prompt", "promptTitle", "error", "errorTitle", "tooltip", "display", "location", "name", "comment"})
_TOLD |= {"val", "text"}


def read_sheets(item: Item, reading: Reading) -> None:
    """A workbook; pages are sheets in file order."""
    members = Members(item, reading)
    book = _Book(reading.limits.characters)
    for name, handler in (
        ("xl/workbook.xml", book.workbook),
        ("xl/styles.xml", book.styles),
        ("xl/sharedStrings.xml", book.strings),
    ):
        for info in members.named(name):
            handler(members.chunks(info))
    sheets = [(int(found[1] or 1), i) for i in members.infos if (found := _SHEET.match(i.filename))]
    if not sheets:
        raise Unread(UnreadableReason.CORRUPT)
    for page, (_, info) in enumerate(sorted(sheets, key=lambda pair: (pair[0], pair[1].filename)), 1):
        title = book.names[page - 1] if page <= len(book.names) else ""
        reading.say(item.path, item.place, f"{title}\n{book.sheet(members.chunks(info))}", page)
    read_rest(item, members, reading, {"xl/sharedStrings.xml", *(info.filename for _, info in sheets)})


@dataclass(slots=True)
class _Book:
    """What sheets refer to: shared strings, date formats, names; and the reader of one sheet."""

    room: int
    names: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    base1904: bool = False

    def workbook(self, chunks: Iterable[bytes]) -> None:
        """Sheet names and the date system."""

        def start(name: str, attributes: dict[str, str]) -> None:
            local = name.rpartition(" ")[2]
            if local == "sheet":
                self.names.append(attributes.get("name", ""))
            elif local == "workbookPr":
                self.base1904 = attributes.get("date1904") in {"1", "true"}

        _run(chunks, start=start)

    def styles(self, chunks: Iterable[bytes]) -> None:
        """Which cell formats show a number as a date (ECMA-376 part 1, 18.8.30)."""
        custom: set[int] = set()
        inside: list[bool] = [False]

        def start(name: str, attributes: dict[str, str]) -> None:
            local = name.rpartition(" ")[2]
            if local == "numFmt" and re.search(
                "[dy]", _FORMAT_NOISE.sub("", attributes.get("formatCode", "")), re.IGNORECASE
            ):
                custom.add(_number(attributes.get("numFmtId", "0")))
            elif local == "cellXfs":
                inside[0] = True
            elif local == "xf" and inside[0]:
                number = _number(attributes.get("numFmtId", "0"))
                self.dates.append(number in _DATE_FORMATS or number in custom)

        def end(name: str) -> None:
            inside[0] = inside[0] and not name.endswith(" cellXfs")

        _run(chunks, start=start, end=end)

    def strings(self, chunks: Iterable[bytes]) -> None:
        """The shared strings, in order; reading aids (``rPh``) are included where they stand."""
        current: list[str] = []
        on = [False]

        def start(name: str, _: dict[str, str]) -> None:
            on[0] = name.endswith(" t")

        def end(name: str) -> None:
            on[0] = False
            if name.endswith(" si"):
                self.shared.append("".join(current))
                current.clear()

        def text(words_: str) -> None:
            if on[0]:
                self.spend(words_)
                current.append(words_)

        _run(chunks, start=start, end=end, text=text)

    def sheet(self, chunks: Iterable[bytes]) -> str:
        """One sheet's cells: tabs between, a line a row."""
        cells = _Cells(self)
        _run(chunks, start=cells.start, end=cells.end, text=cells.text)
        return "".join((*cells.out, "\n", *(f"{line}\n" for line in dict.fromkeys(cells.aside))))

    def spend(self, text: str) -> None:
        """Account for characters kept. Raises ``Unread`` (TOO_LARGE)."""
        self.room -= len(text)
        if self.room < 0:
            raise Unread(UnreadableReason.TOO_LARGE)

    def shown(self, raw: str, kind: str, style: int) -> str:
        """A cell's value as it is shown; dates as day/month/year."""
        if kind == "s":
            index = _number(raw)
            text = self.shared[index] if 0 <= index < len(self.shared) else ""
        elif kind in {"", "n"} and 0 <= style < len(self.dates) and self.dates[style]:
            text = self._date(raw)
        else:
            text = raw
        self.spend(text)
        return text

    def _date(self, raw: str) -> str:
        try:
            days = int(float(raw)) + (1462 if self.base1904 else 0)
        except (ValueError, OverflowError):
            return raw
        return (_EPOCH + timedelta(days=days)).strftime("%d/%m/%Y") if 0 < days <= _LAST_DAY else raw


class _Cells:
    """The handlers of one sheet."""

    def __init__(self, book: _Book) -> None:
        self.out: list[str] = []
        self.aside: list[str] = []
        self._book = book
        self._kind, self._style = "", -1
        self._value: list[str] = []
        self._on = self._beside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "c":
            self._kind, self._style = attributes.get("t", ""), _number(attributes.get("s", "-1"))
            self._value = []
        self._on = local in _SHOWN
        self._beside = local in _BESIDE
        self.aside += [v for k, v in attributes.items() if local in _TELLING and k in _TOLD and v]

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        self._on = self._beside = False
        if local == "c" and self._value:
            self.out.append(f"{self._book.shown(''.join(self._value), self._kind, self._style)}\t")
            self._value = []
        elif local == "row":
            self.out.append("\n")
        elif local.endswith(("Header", "Footer")):
            self.out.append(f"{''.join(self._value)}\n")
            self._value = []

    def text(self, text: str) -> None:
        if self._on:
            self._value.append(text)
        elif self._beside:
            self._book.spend(text)
            self.aside.append(text)


def _run(chunks: Iterable[bytes], **handlers: object) -> None:
    """Feed one document to handlers ``start``, ``end``, ``text``."""
    parser = secure_parser()
    for key, attribute in (
        ("start", "StartElementHandler"),
        ("end", "EndElementHandler"),
        ("text", "CharacterDataHandler"),
    ):
        if key in handlers:
            setattr(parser, attribute, handlers[key])
    feed(parser, chunks)


def _number(text: str) -> int:
    try:
        return int(text[:12])
    except ValueError:
        return -1
