"""Escrow and rows side by side: what is missing, what is left over, what nobody knows."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import VaultUnavailable
from vault.escrow import Escrow
from vault.models import SealingKey
from vault.objects.port import NoSuchObject, Version
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class Survey:
    """What lies in escrow, beside what the rows say.

    ``missing``: living rows whose object is not there. ``superseded``: versions besides the one that a living row
    names, which older masters may open. ``resurrected``: versions of destroyed keys, which must not be. ``unknown``:
    of no row at all: a key that was being made, or a database that was set back to an older backup; leave them alone.
    """

    missing: tuple[SealingKey, ...]
    superseded: tuple[Version, ...]
    resurrected: tuple[Version, ...]
    unknown: tuple[Version, ...]


def survey(escrow: Escrow) -> Survey:
    """Escrow is listed first: a key that is made meanwhile reads as unknown, never as left over."""
    listed = escrow.list()
    with reading(VaultUnavailable):
        rows = {row.escrow_key: row for row in SealingKey.objects.defer("sealed_secret")}
    there = {(v.key, v.version) for v in listed}
    living = {key: row for key, row in rows.items() if row.destroyed_at is None}
    missing = {
        key: row
        for key, row in living.items()
        if (key, row.escrow_version) not in there and not _is_there(escrow, key, row.escrow_version)
    }
    whole = living.keys() - missing.keys()
    return Survey(
        missing=tuple(missing.values()),
        superseded=tuple(v for v in listed if v.key in whole and v.version != living[v.key].escrow_version),
        resurrected=tuple(v for v in listed if v.key in rows and v.key not in living),
        unknown=tuple(v for v in listed if v.key not in rows),
    )


def _is_there(escrow: Escrow, key: str, version: str) -> bool:
    """Asked of the store itself: the row may be younger than the listing."""
    try:
        escrow.read(key, version)
    except NoSuchObject:
        return False
    return True
