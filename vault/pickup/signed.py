"""Signed copies, kept for whoever signed until their link is over; sealed like all that waits. The first one counts.

Raises ``VaultUnavailable``, ``SealBroken``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from vault.objects.port import ObjectStore, Version
from vault.unlocked import MARGIN, destroy_others, keep_sealed
from vault.unseal import decrypt

PREFIX = "signed/"
FORMAT = "sallyport-signed-1"


class Copy(NamedTuple):
    """``ident`` names it (``vault/ids.py``)."""

    ident: str
    content: bytes


class SignedCopies:
    """One a document of a grant."""

    def __init__(self, store: ObjectStore, recipient: str, identities: Sequence[Any]) -> None:
        self._store, self._recipient, self._identities = store, recipient, list(identities)

    def keep(self, grant: str, number: int, content: bytes, now: datetime) -> Copy:
        """Keep it, if there is none yet; the one that counts."""
        folder = f"{PREFIX}{grant}/{number:03}/"
        keep_sealed(self._store, folder, content, self._recipient, ("signed", FORMAT), now)
        kept = self.find(grant, number)
        assert kept is not None  # noqa: S101 - it was read back
        return kept

    def find(self, grant: str, number: int) -> Copy | None:
        """The one that counts, if there is one."""
        found = sorted(self._store.versions(f"{PREFIX}{grant}/{number:03}/"), key=lambda v: v.key)
        return self._opened(found[0]) if found else None

    def latest(self, grant: str) -> tuple[int, Copy] | None:
        """Of all numbers of a grant the one that was signed last, with its number."""
        found = max(self._store.versions(f"{PREFIX}{grant}/"), key=lambda v: v.key.rpartition("/")[2], default=None)
        return (int(found.key.split("/")[2]), self._opened(found)) if found else None

    def _opened(self, version: Version) -> Copy:
        sealed = b"".join(self._store.get(version.key, version.version))
        ident = version.key.rpartition("/")[2].removesuffix(".age")
        return Copy(ident, decrypt(sealed, self._identities, version.key))


def sweep(store: ObjectStore, lasts: timedelta, now: datetime) -> int:
    """Destroy those whose links are over; how many went."""
    return destroy_others(store, PREFIX, (), now - lasts + MARGIN)
