"""The officer who sent a held mail asks the reviewers to let it leave, with the reason. It decides nothing."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from domain.errors import VaultUnavailable
from vault import audit
from vault.held.settling import CannotSettle
from vault.models import HeldMail, HeldState, ReleaseRequest
from vault.rows import writing

LONGEST = 500


def ask(held: HeldMail, by: str, why: str, now: datetime) -> ReleaseRequest:
    """Once while it is held. Raises ``CannotSettle`` where it is held no more, or was asked for, or says no why."""
    reason = why.strip()
    if not reason or len(reason) > LONGEST:
        raise CannotSettle("reason", public=f"Say why it should leave, in at most {LONGEST} characters.")
    with writing(VaultUnavailable):
        row = HeldMail.objects.select_for_update().filter(pk=held.pk, state=HeldState.HELD).first()
        if row is None:
            raise CannotSettle("not held", public="This mail is not held any more; look at it again.")
        try:
            with transaction.atomic():
                asked = ReleaseRequest.objects.create(held=row, held_at=row.held_at, by=by, at=now, why=reason)
        except IntegrityError:
            raise CannotSettle(
                "asked", public="You have asked for this mail already; it waits for a reviewer."
            ) from None
        details = {"recipient": row.recipient}
        audit.append([audit.Event(now, by, "held: release asked for", row.record_id, reason, details)])
    return asked
