"""Rows of mails as filing leaves them, for pages: records with decisions, held copies, pick-ups, and who left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from domain.decision import Action, Decision, Method, Reason
from domain.model import Address, Category
from vault import audit, records
from vault.ids import new_id
from vault.models import HeldMail, HeldState, PickupGrant, VaultRecord, VaultSubject
from web import clock


def decided(to: str, action: Action = Action.ENCRYPT, method: Method = Method.OPENPGP) -> Decision:
    """One recipient's."""
    stopped = action >= Action.HOLD
    why, fix = ("no permission covers it", "Record the permission, then send it again.") if stopped else ("it may", "")
    reason = Reason("no-permission" if stopped else "approved-carer", action, why, fix, "p-ann", Category.MEDICAL)
    return Decision(Address.of(to), action, (reason,), method if action is Action.ENCRYPT else None)


def filed(
    sender: str, *decisions: Decision, people: Collection[str] = (), at: datetime | None = None, left: bool = True
) -> VaultRecord:
    """A mail, with what became of each copy: held where it was decided so, else taken by the next mail system."""
    now = at or clock.now()
    row = VaultRecord.objects.create(
        id=new_id(now),
        digest=new_id(now),
        sender=sender,
        received_at=now,
        filed_at=now,
        classes=["medical"],
        retain_until=now + timedelta(days=900),
        decisions=[records.dump(d) for d in decisions],
    )
    for person in people:
        VaultSubject.objects.create(record=row, person=person)
    for decision in decisions:
        key = decision.recipient.key
        if decision.action >= Action.HOLD:
            state = HeldState.HELD if decision.action is Action.HOLD else HeldState.REFUSED
            HeldMail.objects.create(
                record=row, recipient=key, decision=records.dump(decision), state=state, held_at=now
            )
        elif left:
            audit.append([audit.Event(now, "relay", "outcome delivered", row.id, "as intended", {"recipient": key})])
        if decision.method is Method.PICK_UP:
            grant(row, key, now)
    return row


def grant(row: VaultRecord, to: str, now: datetime) -> PickupGrant:
    """A pick-up that nobody has opened yet."""
    made = PickupGrant.objects.create(
        id=new_id(now),
        record=row.id,
        digest=row.digest,
        sender=row.sender,
        recipient=to,
        link_sha256=new_id(now),
        documents=1,
        key=f"pickup/{row.id}",
        version="1",
        sealed_sha256="0" * 64,
        made_at=now,
        until=now + timedelta(days=30),
    )
    event = audit.Event(now, "relay", "pick-up granted", row.id, "", {"grant": made.id, "recipient": to})
    audit.append([event])
    return made
