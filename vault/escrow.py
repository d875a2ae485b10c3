"""People's sealed secrets as objects, so that a file can be restored without the database (``docs/recovery.md``).

No lock is on them: destroying a key must be possible. A key that was destroyed leaves a mark beside its place, so that
whoever restores from the bucket alone is told so, and does not look for it.

Errors are the object store's: ``VaultUnavailable``, ``NoSuchObject``.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from domain.errors import VaultUnavailable
from vault.models import SealingKey
from vault.objects.port import NoSuchObject, ObjectStore, Stored, Version

FORMAT = "sallyport-v1"
PREFIX, SECRET, MARK = "keys/", ".age", ".destroyed"
_TAG_LENGTH = 16


class Escrow:
    """The bucket of sealed secrets."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, row: SealingKey) -> Stored:
        """The row's sealed secret as a new version, read back; sets the row's ``escrow_key`` and saves nothing."""
        row.escrow_key = key_of(row)
        sealed = bytes(row.sealed_secret)
        stored = self._store.put(
            row.escrow_key,
            sealed,
            tags={"class": "sealing-key", "subject": row.person},
            metadata={"format": FORMAT, "public": row.public, "masters": row.sealed_to},
            locked_until=None,
        )
        if self.read(stored.key, stored.version) != sealed:
            raise VaultUnavailable("escrow read back other bytes", key=stored.key)
        return stored

    def read(self, key: str, version: str = "") -> bytes:
        """A sealed secret; without ``version`` the newest."""
        return b"".join(self._store.get(key, version))

    def newest(self, key: str) -> str:
        """Its version: what somebody gets who has the bucket alone."""
        return self._store.stat(key).version

    def list(self, prefix: str = PREFIX) -> list[Version]:
        """Every version of every sealed secret below; newest first within a key."""
        return [v for v in self._store.list(prefix) if v.key.endswith(SECRET)]

    def forget(self, key: str, version: str) -> None:
        """Remove one version; one that is gone already is no error."""
        try:
            self._store.delete(key, version)
        except NoSuchObject:
            return

    def destroy(self, row: SealingKey, now: datetime) -> int:
        """Remove every version of the row's secret and leave the mark; how many there were. Safe to repeat.

        For whoever carries out an approved destruction; the row is the caller's to empty.
        """
        gone = [v for v in self._store.list(row.escrow_key) if v.key == row.escrow_key]
        for version in gone:
            self.forget(version.key, version.version)
        mark = row.escrow_key.removesuffix(SECRET) + MARK
        if not any(v.key == mark for v in self._store.list(mark)):
            text = json.dumps({"format": FORMAT, "public": row.public, "destroyed_at": now.isoformat()})
            tags = {"class": "destroyed-key", "subject": row.person}
            self._store.put(mark, text.encode(), tags=tags, metadata={"format": FORMAT}, locked_until=None)
        return len(gone)


def key_of(row: SealingKey) -> str:
    """Where the row's sealed secret lies: the same for all its versions."""
    tag = hashlib.sha256(row.public.encode()).hexdigest()[:_TAG_LENGTH]
    return f"{PREFIX}{row.person}/{row.generation}-{tag}{SECRET}"
