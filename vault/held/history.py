"""What became of mail that was held for a recipient before, and whether the relay is at work. Rows alone, no words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from domain.errors import VaultUnavailable
from domain.model import Address
from vault.ids import made_at
from vault.models import HeldMail, HeldState, Settlement, SettlementState, VaultRecord
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class Past:
    """One held copy and how it ended. ``by`` is who settled it last, or empty; ``outcome`` what came of that.

    ``kind`` is what was settled, and ``to`` where it went instead; both are empty where nothing was carried out.
    """

    pk: int
    record: str
    recipient: str
    sender: str
    held_at: datetime
    rules: tuple[str, ...]
    state: HeldState
    by: str
    outcome: str
    kind: str = ""
    to: str = ""
    ended_at: datetime | None = None


def of_recipient(recipient: str, but: int = 0, limit: int = 10) -> list[Past]:
    """The newest, newest first, without the one of that number. Raises ``VaultUnavailable``."""
    rows = HeldMail.objects.filter(recipient=recipient).exclude(pk=but)
    return _pasts(rows.select_related("record").order_by("-held_at", "-pk")[:limit])


def of_records(records: Collection[str]) -> dict[tuple[str, str], Past]:
    """Every copy of these that was held or refused, by record and recipient. Raises ``VaultUnavailable``."""
    found = _pasts(HeldMail.objects.filter(record__in=records).select_related("record").order_by("pk"))
    return {(past.record, past.recipient): past for past in found}


def _pasts(rows: QuerySet[HeldMail]) -> list[Past]:
    with reading(VaultUnavailable):
        found = list(rows)
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


def waiting_for(record: str, address: str) -> int:
    """The number under which a copy for that address waits for a reviewer, or 0. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        mail = VaultRecord.objects.filter(pk=record).values("digest")  # understood anew, it has another record
        rows = HeldMail.objects.filter(record__digest__in=mail, recipient=Address.of(address).key, state=HeldState.HELD)
        return rows.values_list("pk", flat=True).first() or 0


def meant_for(record: str, recipient: str) -> Settlement | None:
    """The ruling that sent a mail to this recipient, who was not among its own. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        mail = VaultRecord.objects.filter(pk=record).values("digest")
        rows = Settlement.objects.filter(held__record__digest__in=mail, to__iexact=recipient).select_related("held")
        return rows.exclude(held__recipient=recipient).order_by("-pk").first()


def last_received() -> datetime | None:
    """When the relay filed a mail last; every mail is filed before it leaves. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        newest = VaultRecord.objects.order_by("-pk").values_list("pk", flat=True).first()  # ids are in time's order
    return made_at(newest) if newest else None


def _past(row: HeldMail, settlement: Settlement | None) -> Past:
    done = settlement if settlement and settlement.state == SettlementState.DONE else None
    return Past(
        pk=row.pk,
        record=row.record_id,
        recipient=row.recipient,
        sender=row.record.sender,
        held_at=row.held_at,
        rules=tuple(dict.fromkeys(r["why"] for r in row.decision["reasons"] if r["action"] == row.decision["action"])),
        state=HeldState(row.state),
        by=(settlement.second or settlement.by) if settlement else "",
        outcome=settlement.outcome if settlement else "",
        kind=done.kind if done else "",
        to=done.to if done else "",
        ended_at=done.ended_at if done else None,
    )
