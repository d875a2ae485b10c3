"""Reads from the register what is due: reviews of permissions and of other grounds, requests, releases, training.

For people and reminders, not for the relay: it looks at everybody. A permission is judged from the same rows, by the
same rules, as when a mail is decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from domain.due import Due, Matter, after, appraisal_due, permission_due, training_due
from domain.here import HERE
from domain.permission import PartyKind
from domain.rules import Rules
from domain.tags import Concern
from register import circle
from register import models as m
from register.models.dated import Earlier, counting_on
from register.models.recorded import valid_on

_AT_ONCE = 500
"""People read together: far below what a database takes as parameters of one query."""


@dataclass(slots=True)
class Desks:
    """Whose people they are, on one day. Addresses are folded."""

    council_ids: dict[str, str] = field(default_factory=dict)
    officers: dict[int, str] = field(default_factory=dict)
    homes: dict[int, int] = field(default_factory=dict)
    residents: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    supported: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def on(cls, day: date) -> Desks:
        """Officers who have left look after nobody."""
        desks = cls(dict(m.Person.objects.values_list("ref", "council_id")))
        desks.officers = _officers(day)
        desks.homes = _on(day, m.Party.objects.all(), m.EarlierHousehold, "household_id")
        for household, person in m.Placement.objects.filter(valid_on(day)).values_list("household_id", "person_id"):
            desks.residents[household].add(person)
        for carer, household in m.Support.objects.filter(valid_on(day)).values_list("party_id", "household_id"):
            desks.supported[carer] |= desks.residents.get(household, set())
        return desks

    def of(self, *people: int | None) -> tuple[str, ...]:
        """The officers of these people."""
        return tuple(sorted({self.officers[p] for p in people if p in self.officers}))

    def of_party(self, party: m.Party) -> tuple[str, ...]:
        """The officers of those whom a carer supports, or of the person that a party belongs to."""
        at_home, elsewhere = self.residents.get(self.homes.get(party.pk, 0), set()), self.supported.get(party.pk, set())
        return self.of(party.person_id, *(at_home | elsewhere))


def _officers(day: date) -> dict[int, str]:
    """By person; the mailboxes of those who serve that day."""
    serving = m.Party.objects.filter(valid_on(day), kind=PartyKind.OFFICER.value)
    emails = _on(day, serving, m.EarlierMailbox, "email")
    return {
        p: emails[o] for p, o in _on(day, m.Person.objects.all(), m.EarlierOfficer, "officer_id").items() if o in emails
    }


def _on(day: date, every: QuerySet[Any], earlier: type[Earlier], column: str) -> dict[int, Any]:
    """What the column says that day, by the row's key."""
    present = every.filter(counting_on(day, earlier.SINCE)).values_list("pk", column)
    before = earlier.objects.filter(valid_on(day), **{f"{earlier.OF}__in": every}).values_list(earlier.OF, column)
    return dict(present) | dict(before)


def read(now: datetime, rules: Rules) -> list[Due]:
    """Everything with a date, near or far, in no order; :func:`domain.due.in_order` says what is pressing."""
    day = now.date()
    desks = Desks.on(day)
    return [
        *_releases(desks),
        *_requests(rules, desks),
        *_permissions(now, rules, desks),
        *_bases(now, desks),
        *_trainings(now, rules, desks),
    ]


def _releases(desks: Desks) -> Iterator[Due]:
    for row in m.UrgentRelease.objects.filter(reviewed_at=None):
        about = ", ".join(sorted(desks.council_ids.get(ref, "") for ref in row.people)) or "nobody named"
        detail = f"{row.officer} to {row.recipient}: {Concern(row.concern).label}"
        untold = "" if row.told_at else ", and the management team was not told"
        note = f"released {_day(row.released_at)}{untold}"
        yield Due(Matter.RELEASE, about, str(row.pk), row.review_due, note=note, detail=detail)


def _requests(rules: Rules, desks: Desks) -> Iterator[Due]:
    whys = {rule.consequence.rule: rule.consequence.why for rule in rules.sharing}
    for row in m.ReviewRequest.objects.filter(closed_at=None).select_related("person"):
        note = f"asked for on {_day(row.opened_at)}"
        detail = f"{row.officer} wrote to {row.recipient}: {whys.get(row.rule, row.rule)}"
        yield Due(Matter.REQUEST, row.person.council_id, str(row.pk), None, desks.of(row.person_id), note, detail)


def _day(moment: datetime) -> str:
    day = moment.astimezone(HERE)
    return f"{day.day} {day:%B %Y}"


def _permissions(now: datetime, rules: Rules, desks: Desks) -> Iterator[Due]:
    here = m.Person.objects.filter(Q(left_on__isnull=True) | Q(left_on__gte=now.date()))
    keys = dict(here.filter(permissions__isnull=False).distinct().values_list("ref", "id"))
    refs = sorted(keys)
    for start in range(0, len(refs), _AT_ONCE):
        facts = circle.read(refs[start : start + _AT_ONCE], (), now, frozenset()).people
        for ref, person in facts.items():
            due = permission_due(person, desks.council_ids[ref], now, rules.reviews, desks.of(keys[ref]))
            if due is not None:
                yield due


def _bases(now: datetime, desks: Desks) -> Iterator[Due]:
    """Each is looked at once, also when it has ended meanwhile; again where the review asked for that."""
    for row in m.SharingBasis.objects.filter(since__lte=now).select_related("person"):
        if row.reviewed_on is None or row.review_due > row.reviewed_on:
            about = row.person.council_id
            due = after(row.review_due)
            yield Due(Matter.BASIS, about, row.code, due, desks.of(row.person_id), detail=row.basis)


def _trainings(now: datetime, rules: Rules, desks: Desks) -> Iterator[Due]:
    """Of approved carers, with their appraisals where any is recorded. What was held counts from its day on."""
    day = now.date()
    approved = (Q(approved_from__isnull=True) | Q(approved_from__lte=day)) & (
        Q(approved_to__isnull=True) | Q(approved_to__gte=day)
    )
    carers = m.Party.objects.filter(valid_on(day), approved, kind=PartyKind.CARER.value, approved=True)
    held = {"trained_on": _last(m.Training.DATA_PROTECTION, day), "appraised_on": _last(m.Training.APPRAISAL, day)}
    for carer in carers.annotate(**held):
        officers = desks.of_party(carer)
        yield training_due(carer.code, carer.trained_on, rules.training, now, officers)
        if carer.appraised_on is not None:
            yield appraisal_due(carer.code, carer.appraised_on, rules.appraisal, officers)


def _last(kind: str, day: date) -> Max:
    return Max("trainings__done_on", filter=Q(trainings__kind=kind, trainings__done_on__lte=day))
