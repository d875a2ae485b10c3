"""Inspectors' access as rows, and what it opens: a person's records with their decisions. Rows alone, no words.

Each step is an event in its own transaction. Raises :class:`CannotGrant` with a sentence, ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.errors import SallyportError, VaultUnavailable
from domain.inspection import Wanted, is_open, refusal
from vault import audit, records
from vault.models import AuditEvent, InspectedPerson, InspectorAccess, RecordState, VaultRecord, VaultSubject
from vault.rows import reading, writing

SAW = "inspector saw "
KEPT_BACK = "(kept back: this mail is about somebody else as well)"


class Page(StrEnum):
    """What an inspector may look at; the audit trail names it so."""

    PEOPLE = "people"
    RECORDS = "records"
    PERMISSIONS = "permissions"
    TIMELINE = "timeline"


class CannotGrant(SallyportError):
    """The access cannot be granted or ended like this; ``public`` says why."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One recipient's decision, as far as it is about the person: what was done, and why."""

    recipient: str
    action: str
    method: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filed:
    """A record about the person. ``others``: about how many more people it is; who they are is not said."""

    record: str
    at: datetime
    classes: tuple[str, ...]
    others: int
    decided: tuple[Decided, ...]


def grant(wanted: Wanted, now: datetime) -> InspectorAccess:
    """From now on until the time that it names."""
    if against := refusal(wanted, now):
        raise CannotGrant(against.name, public=str(against))
    with writing(VaultUnavailable):
        row = InspectorAccess.objects.create(
            inspector=wanted.inspector,
            authority=wanted.authority.strip(),
            purpose=wanted.purpose.strip(),
            since=now,
            until=wanted.until,
            granted_by=wanted.by,
        )
        people = sorted(set(wanted.people))
        InspectedPerson.objects.bulk_create(InspectedPerson(access=row, person=p) for p in people)
        details = {"access": row.pk, "inspector": row.inspector, "people": people, "until": row.until.isoformat()}
        details["authority"] = row.authority
        audit.append([audit.Event(now, wanted.by, "inspection granted", why=row.purpose, details=details)])
    return row


def end(access: int, by: str, why: str, now: datetime) -> None:
    """It opens nothing from now on."""
    if not why.strip():
        raise CannotGrant("no reason", public="Say why it ends.")
    with writing(VaultUnavailable):
        rows = InspectorAccess.objects.filter(pk=access, ended_at=None, until__gt=now)
        if not rows.update(ended_at=now, ended_by=by):
            raise CannotGrant("ended", public="This access is over already.")
        audit.append([audit.Event(now, by, "inspection ended", why=why.strip(), details={"access": access})])


def open_to(inspector: str, now: datetime) -> list[InspectorAccess]:
    """What stands for this account at this moment, the one that ends last first; with its people."""
    with reading(VaultUnavailable):
        rows = InspectorAccess.objects.filter(inspector=inspector, ended_at=None, until__gt=now)
        found = list(rows.prefetch_related("people").order_by("-until", "-pk"))
    return [row for row in found if is_open(row.until, row.ended_at, now)]


def access_to(inspector: str, person: str, now: datetime) -> InspectorAccess | None:
    """The access by which this account may see the person at this moment."""
    return next((row for row in open_to(inspector, now) if person in {p.person for p in row.people.all()}), None)


def filed(person: str, before: str, size: int) -> tuple[list[Filed], str]:
    """Records about the person, newest first, ``size`` at most; and what to ask ``before`` for the next, or empty."""
    rows = VaultRecord.objects.filter(subjects__person=person).exclude(state=RecordState.DISPOSED)
    if before:
        rows = rows.filter(id__lt=before)
    with reading(VaultUnavailable):
        found = list(rows.prefetch_related("subjects").order_by("-id")[: size + 1])
    shown = [_filed(row, person) for row in found[:size]]
    return shown, shown[-1].record if len(found) > size else ""


def timeline(person: str, before: int, size: int) -> tuple[list[AuditEvent], int]:
    """What was done with these records, newest first; and the number to ask ``before`` for the next, or 0.

    Of a record that is about others as well the reason is left out: people type it, and it may be about these.
    """
    with reading(VaultUnavailable):
        about = VaultRecord.objects.filter(subjects__person=person).values("id")
        rows = AuditEvent.objects.filter(record__in=about)
        if before:
            rows = rows.filter(sequence__lt=before)
        found = list(rows.order_by("-sequence")[: size + 1])
        shown = found[:size]
        shared = VaultSubject.objects.filter(record__in={e.record for e in shown}).exclude(person=person)
        others = set(shared.values_list("record_id", flat=True))
    for event in shown:
        if event.record in others and event.why:
            event.why = KEPT_BACK  # of this copy; the row is never written
    return shown, found[size - 1].sequence if len(found) > size else 0


def looked_at(inspector: str, since: datetime, size: int) -> Sequence[AuditEvent]:
    """What an inspector was shown since then, newest first."""
    with reading(VaultUnavailable):
        rows = AuditEvent.objects.filter(action__in=[SAW + what for what in Page], actor=inspector, at__gte=since)
        return list(rows.order_by("-sequence")[:size])


def _filed(row: VaultRecord, person: str) -> Filed:
    about = {s.person for s in row.subjects.all()}
    decided = []
    for data in row.decisions:
        decision = records.load(data)
        reasons = [r.why for r in decision.decisive if r.person in {person, ""}]
        method = decision.method.value if decision.method else ""
        told = tuple(dict.fromkeys(reasons)) or ("it was decided because of somebody else in it",)
        decided.append(Decided(decision.recipient.text, decision.action.name.lower(), method, told))
    return Filed(row.id, row.filed_at, tuple(row.classes), len(about - {person}), tuple(decided))
