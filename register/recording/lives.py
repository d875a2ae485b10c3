"""What changes in people's lives: where they live, whether they can decide, their death; carers' training."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q

from domain.permission import Capacity
from register import models as m
from register.recording.frame import Impossible, changed, locked, not_ahead, person_of, recording, same


def begin_placement(council_id: str, household: str, starts: date, now: datetime) -> m.Placement:
    """The person lives there from that day. Where they lived before ends by :func:`end_placement`."""
    with recording("placement began", now):
        person, home = person_of(council_id), locked(m.Household, "household", code=household)
        running = m.Placement.objects.filter(Q(ends__isnull=True) | Q(ends__gte=starts), person=person, household=home)
        present: m.Placement | None = running.order_by("starts").first()
        if present is not None and present.starts == starts:
            return present
        if present is not None:
            raise Impossible("The person is placed there at that time already.")
        row = m.Placement(person=person, household=home, starts=starts)
        row.save()
        return row


def end_placement(council_id: str, household: str, last_day: date, now: datetime) -> m.Placement:
    """The person lives there until that day, included; the last placement there that had begun by then."""
    with recording("placement ended", now):
        begun = m.Placement.objects.select_for_update().filter(
            person=person_of(council_id), household__code=household, starts__lte=last_day
        )
        row: m.Placement | None = begun.order_by("-starts").first()
        if row is None:
            raise Impossible("The person was not placed there by that day.")
        if row.ends != last_day:
            row.ends = last_day
            row.save()
        return row


def note_agreement(placement: int, record: str, agreed_on: date, now: datetime) -> m.Placement:
    """The signed placement agreement is in the vault, as this record. One that is signed anew takes its place."""
    with recording("the signed agreement filed", now):
        not_ahead(agreed_on, now, "day of signing")
        row = locked(m.Placement, "placement", pk=placement)
        values = {"agreement": record, "agreed_on": agreed_on}
        return row if same(row, values) else changed(row, values)


def begin_support(carer: str, household: str, starts: date, now: datetime) -> m.Support:
    """A carer stands in at a household that is not their own, from that day."""
    with recording("support began", now):
        who, home = locked(m.Party, "carer", code=carer), locked(m.Household, "household", code=household)
        running = m.Support.objects.filter(Q(ends__isnull=True) | Q(ends__gte=starts), party=who, household=home)
        present: m.Support | None = running.order_by("starts").first()
        if present is not None and present.starts == starts:
            return present
        if present is not None:
            raise Impossible("The carer stands in there at that time already.")
        row = m.Support(party=who, household=home, starts=starts)
        row.save()
        return row


def end_support(carer: str, household: str, last_day: date, now: datetime) -> m.Support:
    """A carer stands in there until that day, included; the last time that had begun by then."""
    with recording("support ended", now):
        begun = m.Support.objects.select_for_update().filter(
            party__code=carer, household__code=household, starts__lte=last_day
        )
        row: m.Support | None = begun.order_by("-starts").first()
        if row is None:
            raise Impossible("The carer did not stand in there by that day.")
        return row if row.ends == last_day else changed(row, {"ends": last_day})


def assess_capacity(
    council_id: str, capacity: Capacity, assessed_on: date, now: datetime, *, assessor: str = "", notes: str = ""
) -> m.CapacityAssessment:
    """Whether the person can decide about sharing, from that day until the next assessment."""
    with recording("capacity assessed", now):
        not_ahead(assessed_on, now, "day of the assessment")
        person = person_of(council_id)
        values = {"capacity": capacity.value, "assessor": assessor, "notes": notes}
        of_the_day = m.CapacityAssessment.objects.filter(person=person, starts=assessed_on)
        known: m.CapacityAssessment | None = of_the_day.first()
        if known is not None and same(known, values):
            return known
        row = m.CapacityAssessment(person=person, starts=assessed_on, **values)
        row.save()
        return row


def record_death(council_id: str, died_on: date, now: datetime) -> m.Person:
    """The person has died: their permissions end, their confidentiality does not."""
    with recording("person died", now):
        not_ahead(died_on, now, "day of death")
        person = person_of(council_id)
        if person.died_on != died_on:
            person.died_on = died_on
            person.save()
        return person


def record_training(party: str, kind: str, done_on: date, now: datetime) -> m.Training:
    """A carer's data-protection training or appraisal (``Training.DATA_PROTECTION``, ``Training.APPRAISAL``)."""
    with recording("training held", now):
        not_ahead(done_on, now, "day of the training")
        who = locked(m.Party, "party", code=party)
        known = m.Training.objects.filter(party=who, kind=kind, done_on=done_on).first()
        row: m.Training = known or m.Training(party=who, kind=kind, done_on=done_on)
        if known is None:
            row.save()
        return row
