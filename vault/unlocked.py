"""Sealed copies in stores without lock, that wait for somebody and then go: for reviewers, for recipients.

Errors: ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.errors import SealBroken, VaultUnavailable
from vault.ids import made_at, new_id
from vault.objects.port import NoSuchObject, ObjectStore
from vault.sealing import seal

MARGIN = timedelta(hours=1)
"""A copy that is younger may belong to a mail whose rows are still being written."""


class Kept(NamedTuple):
    """Where a sealed copy is."""

    key: str
    version: str
    sealed_sha256: str


def keep_sealed(
    store: ObjectStore, folder: str, content: bytes, recipient: str, tags: tuple[str, str], now: datetime
) -> Kept:
    """Seal, store, read back. ``folder`` ends with a slash; ``tags`` are the class and the format."""
    sealed = seal(content, [recipient])
    try:
        stored = store.put(
            f"{folder}{new_id(now)}.age",
            sealed.content,
            tags={"class": tags[0]},
            metadata={"format": tags[1]},
            locked_until=None,
        )
        if store.read_back(stored.key, stored.version).sha256 != sealed.sha256:
            raise VaultUnavailable("a store without lock read back other bytes", folder=folder)
    except SealBroken as error:
        raise VaultUnavailable("a store without lock", folder=folder) from error
    return Kept(stored.key, stored.version, sealed.sha256)


def destroy(store: ObjectStore, key: str, version: str) -> None:
    """For good. What is not there is gone already."""
    try:
        store.delete(key, version)
    except NoSuchObject:
        return


def destroy_others(store: ObjectStore, prefix: str, named: Collection[str], now: datetime) -> int:
    """What a crash left: copies of ours that no row names; how many."""
    gone = 0
    for version in list(store.versions(prefix)):
        if version.key not in named and _made_before(version.key, now - MARGIN):
            destroy(store, version.key, version.version)
            gone += 1
    return gone


def _made_before(key: str, moment: datetime) -> bool:
    """What is no name of ours is nobody's to remove."""
    try:
        return made_at(key.rpartition("/")[2].removesuffix(".age")) < moment
    except ValueError:
        return False
