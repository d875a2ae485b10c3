"""Do database and store belong to one vault? Asked before something is removed, or said to be gone, for good.

Settings that name another bucket, or another database over this bucket, make files look like nobody's and records look
as if they had gone already. The newest records are asked for: they are the last to be disposed of.
"""

from __future__ import annotations

from domain.errors import VaultUnavailable
from vault.models import RecordState, VaultObject
from vault.objects.port import NoSuchObject, ObjectStore
from vault.rows import reading

_ASKED = 20


def belongs(store: ObjectStore) -> bool | None:
    """Whether one of the newest filed files is there; None where no row names any. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        filed = VaultObject.objects.filter(record__state=RecordState.FILED).order_by("-pk")
        named = list(filed.values_list("key", "version")[:_ASKED])
    return any(_is_there(store, key, version) for key, version in named) if named else None


def _is_there(store: ObjectStore, key: str, version: str) -> bool:
    try:
        store.stat(key, version)
    except NoSuchObject:
        return False
    return True
