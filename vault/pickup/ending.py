"""An end to a grant by somebody's hand. Raises ``VaultUnavailable``."""

from __future__ import annotations

from datetime import datetime

from domain.errors import VaultUnavailable
from domain.pickup import Ending
from vault import audit
from vault.models import PickupCode, PickupDevice, PickupGrant, PickupVisit
from vault.pickup.room import event
from vault.rows import writing


def revoke(row: PickupGrant, by: str, why: str, now: datetime, *, forget: bool = True) -> bool:
    """Close it from now on, for whoever is looking at it, too; False where it was closed before.

    Whoever closes one may do so because somebody else has the telephone, so devices that open the recipient's mail
    without a code are forgotten; not where only a newer one takes its place (``forget`` False).
    """
    with writing(VaultUnavailable):
        ended = PickupGrant.objects.filter(pk=row.pk, ended="").update(ended=Ending.REVOKED, ended_at=now)
        if ended:
            PickupVisit.objects.filter(grant=row.pk).delete()
            PickupCode.objects.filter(grant=row.pk).delete()
            gone = PickupDevice.objects.filter(recipient=row.recipient).delete()[0] if forget else 0
            audit.append([event(row, "revoked", by, why, now, devices_forgotten=gone)])
    return bool(ended)
