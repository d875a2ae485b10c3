"""What became of mail that was held for a recipient before, and whether the relay is at work. Rows alone, no words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.errors import VaultUnavailable
from vault.ids import made_at
from vault.models import HeldMail, HeldState, Settlement, SettlementState, VaultRecord
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class Past:
    """One held copy and how it ended. ``by`` is who settled it last, or empty; ``outcome`` what came of that."""

    pk: int
    sender: str
    held_at: datetime
    rules: tuple[str, ...]
    state: HeldState
    by: str
    outcome: str


def of_recipient(recipient: str, but: int = 0, limit: int = 10) -> list[Past]:
    """The newest, newest first, without the one of that number. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        rows = HeldMail.objects.filter(recipient=recipient).exclude(pk=but)
        found = list(rows.select_related("record").order_by("-held_at", "-pk")[:limit])
        settled = {s.held_id: s for s in Settlement.objects.filter(held__in=[r.pk for r in found]).order_by("pk")}
    return [_past(row, settled.get(row.pk)) for row in found]


def settlement_of(pk: int) -> Past | None:
    """How the one of that number stands or ended; None where there is none. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        row = HeldMail.objects.filter(pk=pk).select_related("record").first()
        last = Settlement.objects.filter(held=pk).order_by("-pk").first()
    return _past(row, last) if row else None


def tried(pk: int) -> Settlement | None:
    """What was ruled on it last, where that came to nothing: it still waits. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        last = Settlement.objects.filter(held=pk).order_by("-pk").first()
    return last if last and last.state == SettlementState.STOPPED else None


def last_received() -> datetime | None:
    """When the relay filed a mail last; every mail is filed before it leaves. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        newest = VaultRecord.objects.order_by("-pk").values_list("pk", flat=True).first()  # ids are in time's order
    return made_at(newest) if newest else None


def _past(row: HeldMail, settlement: Settlement | None) -> Past:
    return Past(
        pk=row.pk,
        sender=row.record.sender,
        held_at=row.held_at,
        rules=tuple(r["why"] for r in row.decision["reasons"] if r["action"] == row.decision["action"]),
        state=HeldState(row.state),
        by=(settlement.second or settlement.by) if settlement else "",
        outcome=settlement.outcome if settlement else "",
    )
