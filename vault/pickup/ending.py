"""An end to a grant by somebody's hand. Raises ``VaultUnavailable``."""

from __future__ import annotations

from datetime import datetime

from domain.errors import VaultUnavailable
from domain.pickup import Ending
from vault import audit
from vault.models import PickupCode, PickupGrant, PickupVisit
from vault.pickup.room import event
from vault.rows import writing


def revoke(row: PickupGrant, by: str, why: str, now: datetime) -> bool:
    """Close it from now on, for whoever is looking at it, too; False where it was closed before."""
    with writing(VaultUnavailable):
        ended = PickupGrant.objects.filter(pk=row.pk, ended="").update(ended=Ending.REVOKED, ended_at=now)
        if ended:
            PickupVisit.objects.filter(grant=row.pk).delete()
            PickupCode.objects.filter(grant=row.pk).delete()
            audit.append([event(row, "revoked", by, why, now)])
    return bool(ended)
