"""Step 5: what is recorded about sharing some people's information with some recipients, at one time.

Read from the rows each time; nothing here is cached, so that a withdrawal counts for the
next message (promise 5). A handful of queries whatever the number of people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Prefetch, Q

from domain import permission as d
from domain.model import Address, Category
from register import models as m


def read(
    people: Collection[str], recipients: Collection[Address], at: datetime, staff_domains: frozenset[str]
) -> d.Circle:
    """The circle. ``staff_domains`` are folded."""
    parties = _parties(recipients, at.date())
    staff = frozenset(r for r in recipients if _is_staff(r, parties.get(r, ()), staff_domains))
    return d.Circle(at=at, people=_people(people, at.date()), parties=parties, staff=staff)


def _is_staff(address: Address, parties: tuple[d.Party, ...], staff_domains: frozenset[str]) -> bool:
    """An officer; or an address of the council's that the register knows as nothing else."""
    if parties:
        return all(p.kind is d.PartyKind.OFFICER for p in parties)
    return address.domain in staff_domains


def _parties(recipients: Collection[Address], today: date) -> dict[Address, tuple[d.Party, ...]]:
    found: dict[str, list[d.Party]] = defaultdict(list)
    rows = m.Party.objects.filter(_valid_on(today), email__in=[r.key for r in recipients]).order_by("code")
    for email, party in (_party(*row) for row in rows.values_list(*_PARTY_COLUMNS)):
        found[email].append(party)
    organisations = m.Organisation.objects.filter(domain__in={r.domain for r in recipients} - {""})
    for code, domain, regulator in organisations.values_list("code", "domain", "regulator"):
        kind = d.PartyKind.REGULATOR if regulator else d.PartyKind.ORGANISATION
        for key in {r.key for r in recipients if r.domain == domain}:
            if not any(p.organisation == code for p in found[key]):
                found[key].append(d.Party(code, kind, organisation=code))
    return {r: tuple(found[r.key]) for r in recipients if found.get(r.key)}


def _valid_on(today: date) -> Q:
    return (Q(starts__isnull=True) | Q(starts__lte=today)) & (Q(ends__isnull=True) | Q(ends__gte=today))


_PARTY_COLUMNS = (
    *("email", "code", "kind", "approved"),
    *("household__code", "organisation__code", "organisation__regulator", "person__ref"),
)


def _party(  # the columns above, as the database gives them
    email: str,
    code: str,
    kind: str,
    approved: bool,  # noqa: FBT001 - a column
    household: str | None,
    organisation: str | None,
    regulator: bool | None,  # noqa: FBT001 - a column
    person: str | None,
) -> tuple[str, d.Party]:
    return email, d.Party(
        ref=code,
        kind=d.PartyKind.REGULATOR if regulator else d.PartyKind(kind),
        approved=approved,
        household=household or "",
        organisation=organisation or "",
        person=person or "",
    )


def _people(people: Collection[str], today: date) -> dict[str, d.PersonFacts]:
    if not people:
        return {}
    grants = Prefetch("permissions__grants", m.Grant.objects.select_related("party", "organisation"))
    placements = Prefetch("placements", m.Placement.objects.filter(_valid_on(today)).select_related("household"))
    rows = m.Person.objects.filter(ref__in=people).prefetch_related("permissions", grants, placements)
    return {row.ref: _facts(row) for row in rows}


def _facts(row: m.Person) -> d.PersonFacts:
    return d.PersonFacts(
        ref=row.ref,
        capacity=d.Capacity(row.capacity),
        households=frozenset(p.household.code for p in row.placements.all()),
        permissions=tuple(_permission(p) for p in row.permissions.all()),
    )


def _permission(row: m.Permission) -> d.Permission:
    return d.Permission(
        ref=row.code,
        ground=d.Ground(row.ground),
        signed_on=row.signed_on,
        review_due=row.review_due,
        grants=tuple(_grant(g) for g in row.grants.all()),
        withdrawn_at=row.withdrawn_at,
    )


def _grant(row: m.Grant) -> d.Grant:
    named = row.party.code if row.party else row.organisation.code if row.organisation else ""
    return d.Grant(named, frozenset(Category(c) for c in row.categories), row.withdrawn_at)
