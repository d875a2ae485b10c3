"""The header block as it stands in the bytes: fields with their positions (RFC 5322 section 2.2).

The bytes come from anybody. What mail programs would read differently (a line that is no field, a
space before the colon, a line of white space only, a CR alone, which ends a line for some) is read on, and reported
by ``odd``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_END = re.compile(rb"\r?\n\r?\n")
_FIRST_EMPTY = re.compile(rb"\r?\n")
_FIELD = re.compile(rb"([!-9;-~]+)([ \t]*):([^\n]*\n?(?:[ \t][^\n]*\n?)*)")
_BLANK_FOLD = re.compile(rb"\n[ \t]+\r?(?:\n|\Z)")
_BARE_CR = re.compile(rb"\r(?!\n)")
BLIND = frozenset({"bcc", "resent-bcc", "apparently-to", "envelope-to", "x-envelope-to", "x-original-to", "x-rcpt-to"})
"""Fields that name the envelope's recipients, blind copies among them: Bcc, and what mail servers write."""
_BLIND = re.compile(
    rb"^(?:" + "|".join(sorted(BLIND)).encode() + rb")[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.IGNORECASE | re.MULTILINE
)


class Field(NamedTuple):
    """One field. ``name`` in lower case, ``value`` unfolded, ``start`` and ``end`` offsets of the whole lines.

    ``gap``: there was white space before the colon.
    """

    name: str
    value: bytes
    start: int
    end: int
    gap: bool


class Header(NamedTuple):
    """A header block. ``body`` is where the body starts; ``cut`` says that the block was longer than allowed."""

    fields: tuple[Field, ...]
    body: int
    odd: bool
    cut: bool

    def values(self, name: str) -> list[bytes]:
        """All values of a field, in order."""
        return [field.value for field in self.fields if field.name == name]


def read_header(raw: bytes, start: int, end: int, limit: int) -> Header:
    """The block at ``start``; of one longer than ``limit`` octets only that much is read."""
    stop = min(end, start + limit)
    empty = _FIRST_EMPTY.match(raw, start, stop)
    if empty:
        return Header((), empty.end(), odd=False, cut=False)
    found = _END.search(raw, start, stop)
    block_end = raw.index(b"\n", found.start(), found.end()) + 1 if found else stop
    lines = tuple(_fields(raw, start, block_end))
    fields = tuple(field for field in lines if field is not None)
    odd = len(fields) < len(lines) or any(field.gap for field in fields)
    odd = (
        odd
        or _BLANK_FOLD.search(raw, start, block_end) is not None
        or _BARE_CR.search(raw, start, block_end) is not None
    )
    return Header(fields, found.end() if found else stop, odd=odd, cut=found is None and stop < end)


def header_fields(raw: bytes) -> Iterator[Field]:
    """The fields of a whole message one by one, however long its header; memory stays constant."""
    return (field for field in _fields(raw, 0, header_end(raw)) if field is not None)


def without_bcc(raw: bytes) -> list[memoryview]:
    """The message in slices that leave out ``BLIND`` fields (RFC 5322 section 3.6.3). Nothing else changes.

    Nor does a message inside: it stays as it was attached, with its Bcc, because a signature may cover it.
    """
    view, position, pieces = memoryview(raw), 0, []
    for found in _BLIND.finditer(raw, 0, header_end(raw)):
        pieces.append(view[position : found.start()])
        position = found.end()
    pieces.append(view[position:])
    return [piece for piece in pieces if piece]


def header_end(raw: bytes) -> int:
    """Where the header block of a whole message ends, before the empty line."""
    if _FIRST_EMPTY.match(raw):
        return 0
    found = _END.search(raw)
    return raw.index(b"\n", found.start()) + 1 if found else len(raw)


def _fields(raw: bytes, start: int, end: int) -> Iterator[Field | None]:
    """Each field, or None where a line is none."""
    position = start
    while position < end:
        found = _FIELD.match(raw, position, end)
        if found is None:
            newline = raw.find(b"\n", position, end)
            position = newline + 1 if newline >= 0 else end
            yield None
            continue
        value = found[3].replace(b"\r\n", b"").replace(b"\n", b"").strip(b" \t\r")
        yield Field(found[1].decode("ascii").lower(), value, found.start(), found.end(), bool(found[2]))
        position = found.end()
