"""Mail that waits on the pick-up page, and somebody who opens it: the rows and events that the pick-up pages write."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from vault import audit
from vault.models import PickupGrant, VaultRecord
from vault.pickup.room import event
from vault.rows import writing
from web import clock


def waits(record: str, recipient: str, number: int = 0, ended: str = "") -> PickupGrant:
    """A link for one recipient of a filed mail; ``number`` is another one for each link of the mail."""
    row = VaultRecord.objects.get(pk=record)
    grant = PickupGrant.objects.create(
        id=f"{record[:-2]}{number:02}", record=record, digest=row.digest, sender=row.sender, recipient=recipient,
        link_sha256=f"{record}{number}", key="k", version="v", sealed_sha256="0" * 64, ended=ended,
        made_at=clock.now(), until=clock.now() + timedelta(days=30),
    )  # fmt: skip
    picked_up(grant, "granted")
    return grant


def picked_up(grant: PickupGrant, what: str = "opened", at: datetime | None = None) -> None:
    """Whoever has the link did this on the pick-up pages."""
    with writing(VaultUnavailable):
        audit.append([event(grant, what, "pick-up", "by the link, on the pages", at or clock.now())])
