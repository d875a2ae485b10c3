"""Saved searches at a change of masters: their words are sealed to masters too, so that the database reveals none.

What the audit trail says of searches stays sealed to the masters of its day: it is never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import VaultUnavailable
from vault.masters import Masters
from vault.models import SavedSearch
from vault.rows import reading, writing
from vault.sealing import seal_to
from vault.unseal import CannotOpen, decrypt


@dataclass(frozen=True, slots=True)
class Searches:
    """How many are sealed anew, and those that do not open with the identities given (``search ID``)."""

    resealed: int
    unopened: tuple[str, ...]


def reseal(masters: Masters, identities: Sequence[Any]) -> Searches:
    """All of them, each time: they are few, and no row says to whom they are sealed. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        rows = list(SavedSearch.objects.order_by("pk"))
    unopened = []
    for row in rows:
        old = bytes(row.query)
        try:
            words = decrypt(old, identities, f"search {row.pk}")
        except CannotOpen:
            unopened.append(f"search {row.pk}")
            continue
        with writing(VaultUnavailable):
            SavedSearch.objects.filter(pk=row.pk, query=old).update(query=seal_to(words, masters.keys()).content)
    return Searches(len(rows) - len(unopened), tuple(unopened))
