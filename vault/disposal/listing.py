"""What the store itself says is there: before anything goes, and afterwards as the proof."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from vault.objects.port import NoSuchObject, ObjectStore, Version


def everything(store: ObjectStore, prefixes: Iterable[str]) -> Iterator[Version]:
    """Every version, delete marker and remain below the prefixes. Raises ``VaultUnavailable``."""
    for prefix in prefixes:
        yield from store.versions(prefix)


def plan(store: ObjectStore, prefixes: Iterable[str], now: datetime) -> tuple[list[dict[str, object]], bool]:
    """What would be removed, as JSON, and whether the store keeps any of it by a lock or a legal hold."""
    planned, kept = [], False
    for version in everything(store, prefixes):
        planned.append({"key": version.key, "version": version.version, "size": version.size, "marker": version.marker})
        kept = kept or (not version.marker and _is_kept(store, version, now))
    return planned, kept


def _is_kept(store: ObjectStore, version: Version, now: datetime) -> bool:
    try:
        stat = store.stat(version.key, version.version)
    except NoSuchObject:
        return False
    return stat.legal_hold or (stat.locked_until is not None and stat.locked_until > now)
