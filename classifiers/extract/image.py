"""Pictures: what is too small to be read, what is known, and all others.

Purpose: let icons and rules in signatures pass undecoded, and have the rest read by OCR. Trust: hostile; of an ornament
only the structure is walked, and one whose structure has room for anything else than the picture is none.
Failure: ``Unread`` UNSUPPORTED (nobody reads pictures here), UNSURE (not all on it was read), AMBIGUOUS (there is
something else in the file).

An ornament is at most 48 by 48 pixels, or a line of at most 4 pixels' height or width, in one frame and 8 KB. A line
of text takes 5 pixels of height; a snippet of 130 by 16 pixels shows a whole NHS number, so a small area is not enough.
Larger logos pass by ``Reading.known_pictures``, the SHA-256 of the file.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from classifiers.extract.reading import Item, Reading, Unread
from classifiers.limits import Limits
from domain.model import UnreadableReason

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_PLAIN = frozenset({*_JPEG_FRAMES, 0xC4, 0xDB, 0xDD, 0xE0, 0xEE})
_PNG_PLAIN = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB pHYs bKGD sBIT tIME".split())
_PNG_TOLD = frozenset(b"iCCP eXIf zTXt iTXt sPLT hIST cICP".split())
_PNG_START = b"\x89PNG\r\n\x1a\n"
_WALKED = (_PNG_START, b"GIF8", b"BM", b"\xff\xd8")


@dataclass(frozen=True, slots=True)
class Picture:
    """What the structure says: pixels across and down, and the comments in it."""

    width: int
    height: int
    comments: tuple[str, ...] = ()


def read_image(item: Item, reading: Reading) -> None:
    """An ornament or a known picture passes, with its comments read; any other is read."""
    if is_known(item.content, reading):
        return
    picture = look(item.content)
    if picture is not None and _is_ornament(picture, len(item.content), reading.limits):
        reading.say(item.path, item.place, "\n".join(picture.comments))
    elif not reading.see(item.path, item.place, item.content):
        raise Unread(UnreadableReason.UNSURE)
    elif item.content.startswith(_WALKED) and look(item.content, leniently=True) is None:
        raise Unread(UnreadableReason.AMBIGUOUS)


def is_known(content: bytes, reading: Reading) -> bool:
    """Whether the operator has named this very file as harmless."""
    return bool(reading.known_pictures) and hashlib.sha256(content).hexdigest() in reading.known_pictures


def passes(content: bytes, reading: Reading) -> bool:
    """Whether a picture in a document may stand there unread: known, or an ornament without words of its own."""
    picture = look(content)
    ornament = picture is not None and not picture.comments and _is_ornament(picture, len(content), reading.limits)
    return ornament or is_known(content, reading)


def seen(item: Item, content: bytes, reading: Reading) -> bool:
    """Whether a picture in a document was read, and all of it. One that cannot be is a finding of its own."""
    try:
        return reading.see(item.path, item.place, content)
    except Unread as unread:
        if unread.reason is not UnreadableReason.UNSUPPORTED:
            reading.cannot(item.path, unread.reason, item.filename)
        return False


def look(content: bytes, *, leniently: bool = False) -> Picture | None:
    """PNG, GIF, BMP or JPEG by its structure. None where it is another kind, damaged, or holds more than a picture.

    ``leniently`` takes what cameras and editors write into a JPEG for a comment, and what a PNG says of its colours and
    of itself; whoever reads the picture reads that too.
    """
    try:
        if content.startswith(_PNG_START):
            return _png(content, _PNG_PLAIN | _PNG_TOLD if leniently else _PNG_PLAIN)
        if content.startswith((b"GIF87a", b"GIF89a")):
            return _gif(content)
        if content.startswith(b"BM"):
            return _bmp(content)
        return _jpeg(content, leniently=leniently) if content.startswith(b"\xff\xd8") else None
    except (struct.error, IndexError, ValueError):
        return None


def _is_ornament(picture: Picture, size: int, limits: Limits) -> bool:
    shorter, longer = sorted((picture.width, picture.height))
    if shorter < 1 or size > limits.ornament_bytes:
        return False
    return longer <= limits.ornament_side or (shorter <= limits.ornament_line and longer <= limits.ornament_length)


def _png(content: bytes, plain: frozenset[bytes]) -> Picture | None:
    """Chunks to IEND, which must be the end (PNG section 5). Text is read; what may hold anything is refused."""
    at, comments, name = len(_PNG_START), [], b""
    while name != b"IEND":
        size, name = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + size]
        if name == b"tEXt":
            comments.append(body.decode("latin-1").replace("\0", ": "))
        elif name not in plain:
            return None
        at += size + 12
    width, height = struct.unpack(">II", content[16:24])
    return Picture(width, height, tuple(comments)) if at == len(content) else None


def _gif(content: bytes) -> Picture | None:
    """One frame, comments, and the trailer at the end (GIF89a sections 17 to 27)."""
    width, height, flags = struct.unpack("<HHB", content[6:11])
    at, frames, comments = 13 + _colours(flags), 0, []
    while content[at] != 0x3B:  # noqa: PLR2004 - the trailer
        if content[at] == 0x2C:  # noqa: PLR2004 - an image
            frames += 1
            at += 11 + _colours(content[at + 9])
            at = _blocks(content, at)[1]
        elif content[at : at + 2] in {b"\x21\xf9", b"\x21\xfe"}:
            said, end = _blocks(content, at + 2)
            comments += [said.decode("latin-1")] if content[at + 1] == 0xFE else []  # noqa: PLR2004 - a comment
            at = end
        else:
            return None
    return Picture(width, height, tuple(comments)) if frames == 1 and at + 1 == len(content) else None


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(content: bytes, at: int) -> tuple[bytes, int]:
    """The data of a run of sub-blocks, and where it ends."""
    pieces = []
    while size := content[at]:
        pieces.append(content[at + 1 : at + 1 + size])
        at += size + 1
    return b"".join(pieces), at + 1


def _bmp(content: bytes) -> Picture | None:
    size, start = struct.unpack("<I4xI", content[2:14])
    width, height, _, bits = struct.unpack("<iiHH", content[18:30])
    pixels = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    return Picture(abs(width), abs(height)) if size == len(content) and start + pixels >= size - 2 else None


def _jpeg(content: bytes, *, leniently: bool) -> Picture | None:
    """Segments to the end of the image, which must be the end (T.81 annex B). Comments are read, EXIF is refused."""
    width = height = 0
    comments = []
    for marker, body, end in _segments(content):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", body[1:5])
        if marker == 0xFE or (leniently and 0xE0 < marker < 0xF0):  # noqa: PLR2004 - COM, APP1 to APP15
            comments.append(body.decode("latin-1").replace("\0", " "))
        elif marker == 0xDA:  # noqa: PLR2004 - SOS: the first end of image after it must be the last
            whole = not content[content.index(b"\xff\xd9", end) + 2 :].strip(b"\0")
            return Picture(width, height, tuple(comments)) if whole else None
        elif marker not in _JPEG_PLAIN or (marker == 0xE0 and len(body) > 14):  # noqa: PLR2004 - APP0 without a thumbnail
            return None
    return None


def _segments(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Marker, content and end of each segment."""
    at = 2
    while content[at] == 0xFF:  # noqa: PLR2004 - marker prefix
        size = int.from_bytes(content[at + 2 : at + 4], "big")
        if size < 2:  # noqa: PLR2004 - it counts itself
            return
        end = at + 2 + size
        yield content[at + 1], content[at + 4 : end], end
        at = end
