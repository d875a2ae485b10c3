"""Undoing the content transfer encoding (RFC 2045 section 6), in pieces, so that 25 MB need 25 MB and little more.

Total: what is no proper base64 is decoded as well as it goes, and the fault is given beside it.
"""

from __future__ import annotations

import binascii
import re
from io import BytesIO

import pybase64

from domain.model import UnreadableReason
from gateway.mime.entity import IDENTITY

_PIECE = 2**20
_SPACE = b"\r\n\t "
_REGULAR = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_FOREIGN = bytes(set(range(256)) - {*b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="})
_MAX_PIECES = 1000
_SOFT = re.compile(rb"=[ \t]+(?=\r?\n|\Z)")
"""A soft line break, and white space that came on the way (RFC 2045 section 6.7 rule 3): binascii leaves it in."""


def decode(raw: bytes, start: int, end: int, encoding: str) -> tuple[bytes, UnreadableReason | None]:
    """The content between two offsets. An unknown encoding leaves it as it is."""
    if encoding == "base64":
        return _base64(memoryview(raw)[start:end])
    if encoding == "quoted-printable":
        return binascii.a2b_qp(_SOFT.sub(b"=", raw[start:end])), None
    return raw[start:end], None if encoding in IDENTITY else UnreadableReason.UNSUPPORTED


def _base64(view: memoryview) -> tuple[bytes, UnreadableReason | None]:
    out, carry, position = BytesIO(), b"", 0
    while position < len(view):
        data = carry + bytes(view[position : position + _PIECE]).translate(None, _SPACE)
        if b"=" in data:
            break
        whole = len(data) - len(data) % 4
        try:
            out.write(pybase64.b64decode(data[:whole], validate=True))
        except binascii.Error:
            break
        carry = data[whole:]
        position += _PIECE
    rest, fault = _last(carry + bytes(view[position:]).translate(None, _SPACE))
    out.write(rest)
    return out.getvalue(), fault


def _last(data: bytes) -> tuple[bytes, UnreadableReason | None]:
    """The end with its padding, or everything from the first irregularity on."""
    if _REGULAR.fullmatch(data):
        return _padded(data.rstrip(b"="))
    # Programs stop at such a place, skip it, or go on: read it all, and say that they disagree.
    *pieces, last = data.translate(None, _FOREIGN).split(b"=", _MAX_PIECES)
    pieces.append(last.translate(None, b"="))
    return b"".join(_padded(piece)[0] for piece in pieces if piece), UnreadableReason.AMBIGUOUS


def _padded(data: bytes) -> tuple[bytes, UnreadableReason | None]:
    lone = len(data) % 4 == 1
    data = data[:-1] if lone else data
    return pybase64.b64decode(data + b"=" * (-len(data) % 4)), UnreadableReason.CORRUPT if lone else None
