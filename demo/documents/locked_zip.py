"""A zip with a password, as people make them (PKWARE APPNOTE 6.3, sections 4.4.4 and 6.1: traditional encryption).

Python's ``zipfile`` reads these but cannot write them, so the three records of a zip are written here. The cipher
has been broken for decades: it is here because officers still receive and send such files, and the gateway must
notice that it cannot read them. Nothing of the product protects anything with it.
"""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

_LOCAL = struct.Struct("<IHHHHHIIIHH")  # local file header, 4.3.7
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")  # central directory header, 4.3.12
_END = struct.Struct("<IHHHHIIH")  # end of central directory record, 4.3.16
_ENCRYPTED = 0x0001
_UTF8 = 0x0800


def locked_zip(files: Mapping[str, bytes], password: str) -> bytes:
    """A zip whose members open with ``unzip -P`` or ``7z x -p``; their names stay readable, as always in a zip."""
    out, directory = BytesIO(), BytesIO()
    for name, content in files.items():
        _member(out, directory, name.encode(), content, password.encode())
    offset, length = out.tell(), directory.tell()
    out.write(directory.getvalue())
    out.write(_END.pack(0x06054B50, 0, 0, len(files), len(files), length, offset, 0))
    return out.getvalue()


def _member(out: BytesIO, directory: BytesIO, name: bytes, content: bytes, password: bytes) -> None:
    crc, offset = zlib.crc32(content), out.tell()
    packer = zlib.compressobj(level=9, wbits=-15)
    data = _enciphered(packer.compress(content) + packer.flush(), password, crc)
    common = (20, _ENCRYPTED | _UTF8, zipfile.ZIP_DEFLATED, 0, 0x5AA1, crc, len(data), len(content), len(name), 0)
    out.write(_LOCAL.pack(0x04034B50, *common) + name + data)
    directory.write(_CENTRAL.pack(0x02014B50, 20, *common, 0, 0, 0, 0, offset) + name)


def _enciphered(data: bytes, password: bytes, crc: int) -> bytes:
    """Twelve random bytes, the last of them the CRC's highest (by which a reader knows the password), then the data."""
    keys = _Keys(password)
    return bytes(keys.encipher(byte) for byte in os.urandom(11) + bytes([crc >> 24]) + data)


class _Keys:
    """The cipher's three 32-bit keys (APPNOTE 6.1.5)."""

    def __init__(self, password: bytes) -> None:
        self._a, self._b, self._c = 0x12345678, 0x23456789, 0x34567890
        for byte in password:
            self._update(byte)

    def encipher(self, byte: int) -> int:
        mask = (self._c | 2) & 0xFFFF
        out = byte ^ (mask * (mask ^ 1) >> 8) & 0xFF
        self._update(byte)
        return out

    def _update(self, byte: int) -> None:
        self._a = _crc(self._a, byte)
        self._b = ((self._b + (self._a & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        self._c = _crc(self._c, self._b >> 24)


def _crc(value: int, byte: int) -> int:
    """One step of CRC-32, without the inversions that ``zlib.crc32`` adds."""
    return zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
