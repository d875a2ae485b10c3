"""Setting a hold, and lifting it in two steps by two people."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.disposal import Obstacle, is_person, obstacle_to_ask_for_lifting, obstacle_to_lifting
from domain.errors import SallyportError
from vault import audit
from vault.holds import coverage
from vault.ids import new_id
from vault.models import (
    HoldMatch,
    HoldTarget,
    IncidentRecord,
    LegalHold,
    RecordState,
    SavedSearch,
    TargetKind,
    VaultRecord,
)
from vault.models.holds import REFERENCE
from vault.turns import taking_turns

_LONGEST_TARGET = 1000


class NotAllowed(SallyportError):
    """The rules of holds or of disposal do not let this person do this now; ``public`` says why."""

    public = "This is not possible now."


@dataclass(frozen=True, slots=True)
class NewHold:
    """``matches`` are records that a search of ``targets`` has found by now."""

    reason: str
    reference: str
    review_on: date
    targets: Mapping[TargetKind, Collection[str]]
    matches: Collection[str] = field(default=())


@dataclass(frozen=True, slots=True)
class HoldIsSet:
    """Its id, how many records it covers by now, and those of them that were going or gone already."""

    hold: str
    covered: int
    too_late: tuple[str, ...]


def set_hold(new: NewHold, actor: str, now: datetime) -> HoldIsSet:
    """From the return on, nothing that it covers is begun to be destroyed, and what is filed later is covered too.

    Raises :class:`NotAllowed` for what cannot be a hold, ``VaultUnavailable``.
    """
    _check(new, actor, now)
    with taking_turns():
        unknown = _unknown([*new.targets.get(TargetKind.RECORD, ()), *new.matches])
        if unknown:
            raise NotAllowed("no such record", public=f"There is no record {unknown[0]} in the vault.")
        searches = set(new.targets.get(TargetKind.SEARCH, ()))
        if searches - set(SavedSearch.objects.filter(id__in=searches).values_list("id", flat=True)):
            public = "There is no such saved search; `sallyport vault searches list` lists them."
            raise NotAllowed("no such search", public=public)
        hold = LegalHold.objects.create(
            id=new_id(now),
            reason=new.reason.strip(),
            reference=new.reference.strip(),
            review_on=new.review_on,
            set_by=actor,
            set_at=now,
        )
        HoldTarget.objects.bulk_create(
            HoldTarget(hold=hold, kind=kind, value=value)
            for kind, values in new.targets.items()
            for value in sorted(set(values))
        )
        HoldMatch.objects.bulk_create(HoldMatch(hold=hold, record_id=r) for r in sorted(set(new.matches)))
        covered = coverage.records_of(hold)
        late = covered.exclude(state=RecordState.FILED).order_by("id").values_list("id", flat=True)
        done = HoldIsSet(hold.id, covered.filter(state=RecordState.FILED).count(), tuple(late))
        audit.append([audit.Event(now, actor, "hold set", why=hold.reason, details=_told(hold, done))])
    return done


def ask_to_lift(hold: str, why: str, actor: str, now: datetime) -> None:
    """The first step. Who asks again says it anew, and the second person sees the last. Raises :class:`NotAllowed`."""
    with taking_turns():
        row = _existing(hold)
        _stop_at(obstacle_to_ask_for_lifting(lifted=row.lifted_at is not None, actor=actor, why=why))
        row.lift_asked_by, row.lift_asked_at, row.lift_reason = actor, now, why.strip()
        row.save(update_fields=["lift_asked_by", "lift_asked_at", "lift_reason"])
        audit.append([audit.Event(now, actor, "hold lifting asked", why=row.lift_reason, details={"hold": hold})])


def lift(hold: str, actor: str, now: datetime) -> None:
    """The second step, by a second person. Other holds on the same records stay. Raises :class:`NotAllowed`."""
    with taking_turns():
        row = _existing(hold)
        _stop_at(obstacle_to_lifting(lifted=row.lifted_at is not None, asked_by=row.lift_asked_by, actor=actor))
        row.lifted_by, row.lifted_at = actor, now
        row.save(update_fields=["lifted_by", "lifted_at"])
        details = {"hold": hold, "asked_by": row.lift_asked_by}
        audit.append([audit.Event(now, actor, "hold lifted", why=row.lift_reason, details=details)])


def add_to_incident(incident: str, records: Collection[str], actor: str, now: datetime) -> int:
    """These records belong to it from now on, and are covered by a hold on it at once. How many are new.

    Raises :class:`NotAllowed` for a record that is none.
    """
    incident = incident.strip()
    if not 0 < len(incident) <= REFERENCE:
        raise NotAllowed("incident", public=f"An incident's reference has 1 to {REFERENCE} characters.")
    with taking_turns():
        if unknown := _unknown(records):
            raise NotAllowed("no such record", public=f"There is no record {unknown[0]} in the vault.")
        known = IncidentRecord.objects.filter(incident=incident).values_list("record_id", flat=True)
        fresh = sorted(set(records) - set(known))
        IncidentRecord.objects.bulk_create(
            IncidentRecord(incident=incident, record_id=r, added_by=actor, added_at=now) for r in fresh
        )
        audit.append(
            audit.Event(now, actor, "added to incident", r, "it belongs to the incident", {"incident": incident})
            for r in fresh
        )
    return len(fresh)


def _check(new: NewHold, actor: str, now: datetime) -> None:
    if not is_person(actor):
        _stop_at(Obstacle.NOT_A_PERSON)
    if not new.reason.strip():
        _stop_at(Obstacle.NO_REASON)
    if not 0 < len(new.reference.strip()) <= REFERENCE:
        public = f"A hold has a reference (the court's, the incident's, the request's) of 1 to {REFERENCE} characters."
        raise NotAllowed("reference", public=public)
    if new.review_on <= now.date():
        raise NotAllowed("review date", public="The review date of a hold must be later than today.")
    values = [v for group in new.targets.values() for v in group]
    if not values:
        raise NotAllowed("no target", public="Say what the hold is on: a record, a person, an incident or a search.")
    if not all(0 < len(v) <= _LONGEST_TARGET for v in values):
        raise NotAllowed("target", public="What a hold is on is named by 1 to 1000 characters.")


def _unknown(records: Collection[str]) -> list[str]:
    known = set(VaultRecord.objects.filter(id__in=records).values_list("id", flat=True))
    return sorted(set(records) - known)


def _existing(hold: str) -> LegalHold:
    row = LegalHold.objects.select_for_update().filter(id=hold).first()
    if row is None:
        raise NotAllowed("no such hold", public=f"There is no hold {hold}; see `sallyport hold list`.")
    return row


def _stop_at(obstacle: Obstacle | None) -> None:
    if obstacle:
        raise NotAllowed(obstacle.name, public=f"Not done: {obstacle}.")


def _told(hold: LegalHold, done: HoldIsSet) -> dict[str, object]:
    """For the audit trail. References and ids alone."""
    targets = hold.targets.order_by("kind", "value").values_list("kind", "value")
    return {
        "hold": hold.id,
        "reference": hold.reference,
        "targets": [f"{kind} {value}" for kind, value in targets],
        "covered": done.covered,
        "too_late": list(done.too_late),
    }
