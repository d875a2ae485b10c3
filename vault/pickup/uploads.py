"""Files on their way to us, piece by piece, so that a broken line costs one piece: each an age file, sealed at once.

No row is kept: which pieces there are says the store. A piece that is sent again takes the place of the first. What
nobody finished is destroyed within a day. Raises ``VaultUnavailable``, ``SealBroken``, ``ValueError`` for what does not
fit together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from vault.ids import is_id
from vault.objects.port import ObjectStore
from vault.unlocked import MARGIN, destroy, destroy_others, keep_sealed
from vault.unseal import decrypt

PREFIX = "uploads/"
FORMAT = "sallyport-upload-1"
PIECE = 256 * 1024
"""Octets of each piece but the last."""
_LASTS = timedelta(hours=24)


class _Piece(NamedTuple):
    number: int
    key: str
    version: str


class Uploads:
    """``most`` is how many octets one file may have."""

    def __init__(self, store: ObjectStore, recipient: str, identities: Sequence[Any], most: int) -> None:
        self._store, self._recipient, self._identities, self._most = store, recipient, list(identities), most

    def add(self, grant: str, upload: str, number: int, piece: bytes, now: datetime) -> None:
        """Keep a piece, counted from 0; those before it must be there."""
        if not is_id(upload) or not piece or len(piece) > PIECE or number * PIECE + len(piece) > self._most:
            raise ValueError("no piece of a file")
        if number > self.pieces(grant, upload):
            raise ValueError("a piece is missing before it")
        folder = f"{PREFIX}{grant}/{upload}/{number:05}/"
        keep_sealed(self._store, folder, piece, self._recipient, ("upload", FORMAT), now)

    def pieces(self, grant: str, upload: str) -> int:
        """How many there are from the first on without a gap: where to go on."""
        numbers = {piece.number for piece in self._found(grant, upload)}
        return next(n for n in range(len(numbers) + 1) if n not in numbers)

    def read(self, grant: str, upload: str) -> bytes:
        """The whole file."""
        newest = {p.number: p for p in sorted(self._found(grant, upload), key=lambda p: p.key)}
        if not newest or sorted(newest) != list(range(len(newest))):
            raise ValueError("no whole file")
        pieces = (newest[n] for n in range(len(newest)))
        whole = b"".join(decrypt(b"".join(self._store.get(p.key, p.version)), self._identities, p.key) for p in pieces)
        if len(whole) > self._most:
            raise ValueError("a file too large")
        return whole

    def forget(self, grant: str, upload: str) -> None:
        """Destroy its pieces."""
        for piece in list(self._found(grant, upload)):
            destroy(self._store, piece.key, piece.version)

    def _found(self, grant: str, upload: str) -> Iterator[_Piece]:
        if not is_id(upload):
            raise ValueError("no name of an upload")
        for version in self._store.versions(f"{PREFIX}{grant}/{upload}/"):
            yield _Piece(int(version.key.split("/")[3]), version.key, version.version)


def sweep(store: ObjectStore, now: datetime) -> int:
    """Destroy what nobody finished; how many pieces went."""
    return destroy_others(store, PREFIX, (), now - _LASTS + MARGIN)
