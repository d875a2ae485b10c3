"""What waits for a reviewer, oldest first. Rows alone: who, to whom, why, since when; no word of any mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.decision import Decision
from domain.errors import VaultUnavailable
from vault import records
from vault.models import HeldMail, HeldState, ReleaseRequest, Settlement, SettlementState
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class Waiting:
    """One recipient's held copy. ``people`` are register references; ``settlement`` is under way, if there is one.

    ``asked`` is what the officer who sent it says why it should leave, if they asked.
    """

    pk: int
    record: str
    sender: str
    recipient: str
    held_at: datetime
    decision: Decision
    people: frozenset[str]
    settlement: Settlement | None
    asked: ReleaseRequest | None = None


def waiting(pk: int | None = None) -> list[Waiting]:
    """All that wait, or the one of that number. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        rows = HeldMail.objects.filter(state=HeldState.HELD, **({"pk": pk} if pk else {}))
        found = list(rows.select_related("record").prefetch_related("record__subjects").order_by("held_at", "pk"))
        open_ = Settlement.objects.filter(
            held__in=[row.pk for row in found], state__in=[SettlementState.PROPOSED, SettlementState.ORDERED]
        )
        under_way = {s.held_id: s for s in open_}
        asked = asked_for(found)
    return [_waiting(row, under_way.get(row.pk), asked.get(row.pk)) for row in found]


def asked_for(rows: Iterable[HeldMail]) -> dict[int, ReleaseRequest]:
    """By the held mail's number: what its officer asked since it is held. One question to the database."""
    since = {row.pk: row.held_at for row in rows}
    found = ReleaseRequest.objects.filter(held__in=since)
    return {r.held_id: r for r in found if r.held_at == since[r.held_id]}


def _waiting(row: HeldMail, settlement: Settlement | None, asked: ReleaseRequest | None) -> Waiting:
    return Waiting(
        pk=row.pk,
        record=row.record_id,
        sender=row.record.sender,
        recipient=row.recipient,
        held_at=row.held_at,
        decision=records.load(row.decision),
        people=frozenset(s.person for s in row.record.subjects.all()),
        settlement=settlement,
        asked=asked,
    )
