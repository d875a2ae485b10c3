"""Pictures: what is too small to be read, and all others.

Purpose: keep mail signatures' logos from holding every mail, until scans are read by OCR.
Trust: hostile headers; only the size fields are looked at, nothing is decoded. Failure: ``Unread`` UNSUPPORTED.

The rule: at most 8 KB *and* at most 65,536 pixels (256 by 256), by its own header, in one frame. A page of writing
that small has thirty pixels to the inch. Somebody who *wants* to smuggle can draw a name into such a picture; that is
not the mishap guarded here.
"""

from __future__ import annotations

import struct

from classifiers.extract.reading import Item, Reading, Unread
from classifiers.limits import Limits
from domain.model import UnreadableReason

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def read_image(item: Item, reading: Reading) -> None:
    """An ornament passes in silence; anything else cannot be vouched for."""
    if not is_decoration(item.content, reading.limits):
        raise Unread(UnreadableReason.UNSUPPORTED)


def is_decoration(content: bytes, limits: Limits) -> bool:
    """Whether a picture is too small to be read by anyone. False where its size cannot be told."""
    if len(content) > limits.decoration_bytes:
        return False
    width, height = _size(content)
    return 0 < width * height <= limits.decoration_pixels


def _size(content: bytes) -> tuple[int, int]:
    """Pixels across and down by the header of PNG, GIF, BMP or JPEG; (0, 0) where there is none."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack(">II", content[16:24])
        if content.startswith((b"GIF87a", b"GIF89a")):
            return struct.unpack("<HH", content[6:10]) if content.count(b"\x21\xf9\x04") <= 1 else (0, 0)
        if content.startswith(b"BM"):
            width, height = struct.unpack("<ii", content[18:26])
            return abs(width), abs(height)
        return _jpeg_size(content)
    except struct.error:
        return 0, 0


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """The start-of-frame segment (ITU T.81 annex B)."""
    at = 2
    while content.startswith(b"\xff\xd8") and at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - marker prefix
        if content[at + 1] in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0, 0
