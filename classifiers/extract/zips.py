"""Reading zip members under caps; shared by archives and by office files, which are zips too.

Trust: hostile: sizes in the directory are claims, so bytes are counted as they come.
Failure: ``Unread`` ENCRYPTED, CORRUPT, TOO_LARGE or TOO_MANY.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator

from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_CHUNK = 1 << 16
_EMPTY = 2
"""Octets that nothing takes when deflated."""
_LOCAL = struct.Struct("<4s2xHHxxxxxxxxIIHH")
_DESCRIPTOR = 24
"""The longest data descriptor behind a member (APPNOTE section 4.3.9)."""
_DIRECTORY = 76
"""Zip64's end of directory and its locator, which stand between the directory and its end record."""
_END = 22


class Members:
    """An opened zip. ``expanded`` bytes are counted against its own ratio and against the mail's budget."""

    def __init__(self, item: Item, reading: Reading) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(item.content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
            raise Unread(UnreadableReason.CORRUPT) from None
        self._reading = reading
        self._packed = len(item.content)
        self._expanded = 0
        every = self._zip.infolist()
        if not all(i.filename for i in every):
            raise Unread(UnreadableReason.CORRUPT)
        self.infos = [i for i in every if not i.is_dir() or i.compress_size > _EMPTY]
        if len(self.infos) > reading.limits.items:
            raise Unread(UnreadableReason.TOO_MANY)
        if not _covered(item.content, every, self._zip.start_dir):
            raise Unread(UnreadableReason.AMBIGUOUS)
        comments = (self._zip.comment, *(i.comment for i in every))
        reading.say(item.path, item.place, "\n".join(c.decode("utf-8", "replace") for c in comments if c))

    def named(self, *names: str) -> list[zipfile.ZipInfo]:
        """Those members, in the order asked for, that are there."""
        have = {i.filename: i for i in self.infos}
        return [have[n] for n in names if n in have]

    def chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """A member's bytes piece by piece. Raises ``Unread``."""
        if info.flag_bits & 1:
            raise Unread(UnreadableReason.ENCRYPTED)
        size = 0
        try:
            with self._zip.open(info) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    self._account(len(chunk), size)
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            lzma.LZMAError,
            NotImplementedError,
            EOFError,
            OSError,
            RuntimeError,
            ValueError,
        ):
            raise Unread(UnreadableReason.CORRUPT) from None

    def read(self, info: zipfile.ZipInfo) -> bytes:
        """A whole member."""
        return b"".join(self.chunks(info))

    def _account(self, more: int, member: int) -> None:
        limits = self._reading.limits
        self._expanded += more
        self._reading.spend(more)
        if member > limits.member_bytes:
            raise Unread(UnreadableReason.TOO_LARGE)
        if self._expanded > limits.ratio_floor and self._expanded > limits.ratio * self._packed:
            raise Unread(UnreadableReason.TOO_LARGE)


def _covered(content: bytes, infos: list[zipfile.ZipInfo], directory: int) -> bool:
    """Whether the members that the directory lists, and it, are all there is.

    Programs that read a zip from its front would find other members than those that read it from its end.
    """
    at = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        header = content[info.header_offset : info.header_offset + _LOCAL.size]
        if len(header) < _LOCAL.size or not at <= info.header_offset <= at + (_DESCRIPTOR if at else 0):
            return False
        start, flags, method, size, _, name, extra = _LOCAL.unpack(header)
        told = flags & 8 or size in {info.compress_size, 0xFFFFFFFF}
        if start != b"PK\x03\x04" or method != info.compress_type or not told:
            return False
        at = info.header_offset + _LOCAL.size + name + extra + info.compress_size
    end = content.rfind(b"PK\x05\x06")
    size, _, comment = struct.unpack("<IIH", content[end + 12 : end + _END])
    after = content[end + _END + comment :]
    return at <= directory <= at + _DESCRIPTOR and end - directory - size <= _DIRECTORY and not after.strip(b"\0\r\n")
