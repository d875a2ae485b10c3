"""Reading zip members under caps; shared by archives and by office files, which are zips too.

Trust: hostile: sizes in the directory are claims, so bytes are counted as they come.
Failure: ``Unread`` ENCRYPTED, CORRUPT, TOO_LARGE or TOO_MANY.
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator

from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_CHUNK = 1 << 16


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
        self.infos = [i for i in self._zip.infolist() if not i.is_dir()]
        if len(self.infos) > reading.limits.items:
            raise Unread(UnreadableReason.TOO_MANY)

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
