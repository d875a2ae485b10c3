"""What an officer sent, with what became of each copy. Rows alone: no word, no subject (they are sealed).

Newest first, a page at a time by the record's id, and as many questions to the database whatever the mails are.
Raises ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from domain.decision import Action, Decision
from domain.errors import VaultUnavailable
from domain.model import folded
from vault import records
from vault.held.waiting import asked_for
from vault.models import (
    AuditEvent,
    HeldMail,
    HeldState,
    PickupGrant,
    RecordState,
    ReleaseRequest,
    Settlement,
    SettlementState,
    VaultRecord,
)
from vault.rows import reading

Since = Mapping[str, datetime | None]
"""Folded addresses, and from when on each is theirs; None for always."""


class Became(StrEnum):
    """Where one recipient's copy is."""

    LEFT = "left"
    WAITS = "can be picked up"
    CLOSED = "cannot be picked up any more"
    HELD = "held for a reviewer"
    RETURNED = "returned to you"
    REJECTED = "rejected by a reviewer"
    REFUSED = "refused"
    AGAIN = "decided anew, in another entry"
    ELSEWHERE = "sent to another address instead"
    UNDER_WAY = "on its way"


class Show(StrEnum):
    """What a list is narrowed to."""

    EVERYTHING = ""
    HELD = "held"
    STOPPED = "stopped"
    PICK_UP = "pick-up"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for. ``to`` is a whole address or a part of one; ``since`` and ``until`` bound the time."""

    show: Show = Show.EVERYTHING
    to: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's. ``left_at`` is when the next mail system took it; ``pickups`` are the newest first."""

    decision: Decision
    became: Became
    left_at: datetime | None = None
    held: HeldMail | None = None
    asked: ReleaseRequest | None = None
    settled: Settlement | None = None
    pickups: tuple[PickupGrant, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail as it was filed. ``people`` are register references."""

    record: str
    at: datetime
    sender: str
    people: tuple[str, ...]
    copies: tuple[Copy, ...] = field(repr=False)


def page(of: Since, asked: Asked, size: int) -> tuple[list[Sent], str]:
    """The newest, ``size`` at most, and what to ask ``before`` for the next page; empty where there is none."""
    rows = _narrowed(_own(of), asked)
    if asked.before:
        rows = rows.filter(id__lt=asked.before)
    with reading(VaultUnavailable):
        found = list(rows.prefetch_related("subjects").order_by("-id")[: size + 1])
        shown = found[:size]
        mails = _with_copies(shown)
    return mails, shown[-1].id if len(found) > size else ""


def one(of: Since, record: str) -> Sent | None:
    """One of their own; None for whatever is not, whether it is there or not."""
    with reading(VaultUnavailable):
        return next(iter(_with_copies(list(_own(of).filter(id=record).prefetch_related("subjects")))), None)


def about(person: str) -> list[Sent]:
    """Everything filed about somebody (a reference), whoever sent it, the oldest first."""
    with reading(VaultUnavailable):
        rows = VaultRecord.objects.filter(subjects__person=person, state=RecordState.FILED).order_by("id")
        return _with_copies(list(rows.prefetch_related("subjects")))


def _own(of: Since) -> QuerySet[VaultRecord]:
    theirs = Q(pk__in=[])
    for address, since in of.items():
        theirs |= Q(sender=address, received_at__gte=since) if since else Q(sender=address)
    return VaultRecord.objects.filter(theirs, state=RecordState.FILED)


def _narrowed(rows: QuerySet[VaultRecord], asked: Asked) -> QuerySet[VaultRecord]:
    if asked.since:
        rows = rows.filter(filed_at__gte=asked.since)
    if asked.until:
        rows = rows.filter(filed_at__lt=asked.until)
    if asked.to.strip():
        rows = rows.annotate(decided=Cast("decisions", TextField())).filter(
            decided__icontains=folded(asked.to.strip()).replace('"', "")
        )
    held = HeldMail.objects.filter(record=OuterRef("pk"))
    stopped = [HeldState.RETURNED, HeldState.DISCARDED, HeldState.REFUSED]
    narrowing = {
        Show.HELD: Exists(held.filter(state=HeldState.HELD)),
        Show.STOPPED: Exists(held.filter(state__in=stopped)),
        Show.PICK_UP: Exists(PickupGrant.objects.filter(record=OuterRef("pk"))),
    }
    return rows.filter(narrowing[asked.show]) if asked.show in narrowing else rows


def _with_copies(rows: Sequence[VaultRecord]) -> list[Sent]:
    ids = [r.id for r in rows]
    held = {(h.record_id, h.recipient): h for h in HeldMail.objects.filter(record__in=ids)}
    asked = asked_for(held.values())
    settled = _last_settlements(h.pk for h in held.values())
    pickups: dict[tuple[str, str], list[PickupGrant]] = {}
    for grant in PickupGrant.objects.filter(record__in=ids).order_by("-made_at", "-pk"):
        pickups.setdefault((grant.record, grant.recipient), []).append(grant)
    left = _left(ids)
    mails = []
    for row in rows:
        copies = []
        for data in row.decisions:
            decision = records.load(data)
            key = (row.id, decision.recipient.key)
            mail = held.get(key)
            copies.append(
                Copy(
                    decision=decision,
                    became=_became(mail, pickups.get(key), left.get(key), settled.get(mail.pk) if mail else None),
                    left_at=left.get(key),
                    held=mail,
                    asked=asked.get(mail.pk) if mail else None,
                    settled=settled.get(mail.pk) if mail else None,
                    pickups=tuple(pickups.get(key, ())),
                )
            )
        people = tuple(sorted(s.person for s in row.subjects.all()))
        mails.append(Sent(row.id, row.filed_at, row.sender, people, tuple(copies)))
    return mails


def _last_settlements(held: Iterable[int]) -> dict[int, Settlement]:
    """Those that were carried out: their notes are the officer's to read."""
    done = Settlement.objects.filter(held__in=list(held), state=SettlementState.DONE).order_by("pk")
    return {s.held_id: s for s in done}


def _left(ids: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When the next mail system took each copy (or the notice of it), by record and recipient."""
    events = AuditEvent.objects.filter(record__in=ids, action="outcome delivered").order_by("sequence")
    return {(e.record, str(e.details.get("recipient", ""))): e.at for e in events}


_HELD_AS = {
    HeldState.HELD: Became.HELD,
    HeldState.REFUSED: Became.REFUSED,
    HeldState.RETURNED: Became.RETURNED,
    HeldState.DISCARDED: Became.REJECTED,
    HeldState.SUPERSEDED: Became.AGAIN,
}


def _became(
    held: HeldMail | None, pickups: Sequence[PickupGrant] | None, left: datetime | None, settled: Settlement | None
) -> Became:
    if held is not None and held.state in _HELD_AS:
        return _HELD_AS[HeldState(held.state)]
    if settled is not None and settled.to and held is not None and held.state == HeldState.RELEASED:
        return Became.ELSEWHERE  # nothing went to this one
    if pickups:
        return Became.CLOSED if pickups[0].ended else Became.WAITS
    return Became.LEFT if left or (held is not None and held.state == HeldState.RELEASED) else Became.UNDER_WAY


def is_stopped(copy: Copy) -> bool:
    """Whether it did not leave, for a reason that the officer should read."""
    return copy.decision.action >= Action.HOLD
