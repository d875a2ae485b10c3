"""Step 5: what is recorded now about sharing some people's information with some recipients, true at one time.

Read from the rows each time; nothing here is cached, so that a withdrawal counts for the next message (promise 5).
A handful of queries of joined columns, whatever the number of people: the relay asks this with every mail.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import F, Max, Q

from domain import permission as d
from domain.model import Address
from register import models as m
from register.rows import BasisRow, GrantRow, OrganisationRow, PartyRow, PermissionRow, Rows, assemble


def read(
    people: Collection[str], recipients: Collection[Address], at: datetime, staff_domains: frozenset[str]
) -> d.Circle:
    """The circle. ``staff_domains`` are folded."""
    rows = Rows(parties=_parties(recipients, at.date()), organisations=_organisations(recipients))
    if people:
        _add_people(rows, people, at.date())
    return assemble(rows, recipients, at, staff_domains)


def valid_on(day: date) -> Q:
    """From and to, both included, either of them open."""
    return (Q(starts__isnull=True) | Q(starts__lte=day)) & (Q(ends__isnull=True) | Q(ends__gte=day))


_PARTY_COLUMNS = (
    *("email", "code", "kind", "approved", "approved_from", "approved_to"),
    *("household__code", "organisation__code", "organisation__regulator", "person__ref", "trained_on"),
)
_DATA_PROTECTION = Q(trainings__kind=m.Training.DATA_PROTECTION)


def _parties(recipients: Collection[Address], day: date) -> list[PartyRow]:
    trained = Max("trainings__done_on", filter=_DATA_PROTECTION & Q(trainings__done_on__lte=day))
    rows = m.Party.objects.filter(valid_on(day), email__in={r.key for r in recipients}).annotate(trained_on=trained)
    return [PartyRow(*row) for row in rows.values_list(*_PARTY_COLUMNS)]


def _organisations(recipients: Collection[Address]) -> list[OrganisationRow]:
    rows = m.Organisation.objects.filter(domain__in={r.domain for r in recipients} - {""})
    return [OrganisationRow(*row) for row in rows.values_list("code", "domain", "regulator").order_by("code")]


def _add_people(rows: Rows, people: Collection[str], day: date) -> None:
    of_them = Q(person__ref__in=people)
    rows.people = list(m.Person.objects.filter(ref__in=people).values_list("ref", "died_on"))
    placements = m.Placement.objects.filter(of_them, valid_on(day))
    rows.households = list(placements.values_list("person__ref", "household__code"))
    assessed = m.CapacityAssessment.objects.filter(of_them, Q(starts__isnull=True) | Q(starts__lte=day))
    in_order = assessed.order_by(F("starts").asc(nulls_first=True))
    rows.capacity = list(in_order.values_list("person__ref", "capacity"))
    columns = ("person__ref", "code", "ground", "signed_on", "review_due", "reviewed_on", "withdrawn_at")
    rows.permissions = [PermissionRow(*row) for row in m.Permission.objects.filter(of_them).values_list(*columns)]
    rows.grants = _grants(people)
    columns_of_basis = ("person__ref", "code", "basis", "recipients", "categories", "since", "until", "ended_at")
    rows.bases = [BasisRow(*row) for row in m.SharingBasis.objects.filter(of_them).values_list(*columns_of_basis)]


def _grants(people: Collection[str]) -> list[GrantRow]:
    rows = m.Grant.objects.filter(permission__person__ref__in=people)
    columns = ("permission__code", "party__code", "organisation__code", "categories", "withdrawn_at")
    return [
        GrantRow(form, party or organisation or "", categories, withdrawn)
        for form, party, organisation, categories, withdrawn in rows.values_list(*columns)
    ]
