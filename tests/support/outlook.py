"""Outlook's ``.msg`` as MS-OXMSG says: every property in the table of its storage, texts and contents as streams."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from tests.support.compound import compound

_NUMBER, _TEXT, _BINARY = 0x0003, 0x001F, 0x0102
_CLASS, _SUBJECT, _SENDER, _BODY, _UNICODE = 0x001A, 0x0037, 0x0C1A, 0x1000, 0x340D
_DATA, _NAME, _LONG_NAME, _METHOD, _KIND, _NUMBERED = 0x3701, 0x3704, 0x3707, 0x3705, 0x370E, 0x0E21
_BY_VALUE, _STORES_UNICODE = 1, 0x00040000
_NAMES = ("00020102", "00030102", "00040102")
"""The three streams of named properties, which a message without any has as well."""

_Value = str | bytes | int


def message(subject: str, body: str, attached: Mapping[str, bytes]) -> bytes:
    """A saved message with these PDF files attached."""
    streams = {f"__nameid_version1.0/__substg1.0_{name}": b"" for name in _NAMES}
    texts: dict[int, _Value] = {_CLASS: "IPM.Note", _SUBJECT: subject, _SENDER: "Priya Hazelwood", _BODY: body}
    counts = struct.pack("<8xIIII8x", 0, len(attached), 0, len(attached))
    streams |= _storage("", counts, {**texts, _UNICODE: _STORES_UNICODE})
    for number, (name, content) in enumerate(attached.items()):
        said: dict[int, _Value] = {_NUMBERED: number, _METHOD: _BY_VALUE, _DATA: content}
        said |= {_NAME: name, _LONG_NAME: name, _KIND: "application/pdf"}
        streams |= _storage(f"__attach_version1.0_#{number:08X}/", bytes(8), said)
    return compound(streams)


def _storage(at: str, head: bytes, properties: Mapping[int, _Value]) -> dict[str, bytes]:
    table, streams = head, dict[str, bytes]()
    for tag, value in sorted(properties.items()):
        kind, content = _encoded(value)
        if isinstance(value, int):
            table += struct.pack("<HHIQ", kind, tag, 6, value)
            continue
        streams[f"{at}__substg1.0_{tag:04X}{kind:04X}"] = content
        table += struct.pack("<HHIII", kind, tag, 6, len(content) + 2 * (kind == _TEXT), 0)
    return {f"{at}__properties_version1.0": table, **streams}


def _encoded(value: _Value) -> tuple[int, bytes]:
    if isinstance(value, str):
        return _TEXT, value.encode("utf-16-le")
    return (_BINARY, value) if isinstance(value, bytes) else (_NUMBER, b"")
