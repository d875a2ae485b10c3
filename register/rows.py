"""Rows of the register as plain tuples, wherever they were read, and how they become the domain's values.

``circle`` reads the present, ``as_known`` reads what was recorded at an earlier time; both give these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from domain import permission as d
from domain.decision import Basis
from domain.model import Address, Category


class PartyRow(NamedTuple):
    """One party that is what it is on the day that is asked about."""

    email: str
    code: str
    kind: str
    approved: bool
    approved_from: date | None
    approved_to: date | None
    household: str | None
    organisation: str | None
    regulator: bool | None
    person: str | None
    trained_on: date | None

    def value(self, day: date, supports: Collection[str]) -> d.Party:
        """As the domain sees it that day, who supports these households."""
        begun = self.approved_from is None or self.approved_from <= day
        over = self.approved_to is not None and self.approved_to < day
        return d.Party(
            ref=self.code,
            kind=d.PartyKind.REGULATOR if self.regulator else d.PartyKind(self.kind),
            approved=self.approved and begun and not over,
            household=self.household or "",
            organisation=self.organisation or "",
            person=self.person or "",
            trained_on=self.trained_on,
            supports=frozenset(supports),
        )


class OrganisationRow(NamedTuple):
    """An organisation with a mail domain."""

    code: str
    domain: str
    regulator: bool


class PermissionRow(NamedTuple):
    """One form or best-interests decision of ``person`` (a reference)."""

    person: str
    code: str
    ground: str
    signed_on: date
    review_due: date
    reviewed_on: date | None
    withdrawn_at: datetime | None
    given_by: str


class GrantRow(NamedTuple):
    """One line of the form ``permission`` (its code). ``named`` is as :func:`named_by` makes it."""

    permission: str
    named: str
    categories: list[str]
    withdrawn_at: datetime | None
    since: datetime | None


def named_by(party: str | None, organisation: str | None) -> str:
    """Whom a line with these codes names, one of which is None; nobody if both are."""
    if party:
        return d.of_party(party)
    return d.of_organisation(organisation) if organisation else ""


class BasisRow(NamedTuple):
    """Another ground. ``recipients`` are codes or addresses, as they were typed."""

    person: str
    code: str
    basis: str
    recipients: list[str]
    categories: list[str]
    since: datetime
    until: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class Rows:
    """All that is asked for one mail. ``people`` are references and days of death; ``capacity`` is in order of time.

    ``supports`` are codes of carers, with those of the households where they stand in.
    """

    people: list[tuple[str, date | None]] = field(default_factory=list)
    households: list[tuple[str, str]] = field(default_factory=list)
    capacity: list[tuple[str, str]] = field(default_factory=list)
    permissions: list[PermissionRow] = field(default_factory=list)
    grants: list[GrantRow] = field(default_factory=list)
    bases: list[BasisRow] = field(default_factory=list)
    parties: list[PartyRow] = field(default_factory=list)
    organisations: list[OrganisationRow] = field(default_factory=list)
    supports: list[tuple[str, str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


def assemble(rows: Rows, recipients: Collection[Address], at: datetime, staff_domains: frozenset[str]) -> d.Circle:
    """The circle. ``staff_domains`` are folded."""
    parties = _parties(rows, recipients, at.date())
    staff = frozenset(r for r in recipients if _is_staff(r, parties.get(r, ()), staff_domains))
    stopped = frozenset(r for r in recipients if r.key in rows.stopped)
    return d.Circle(at=at, people=_people(rows), parties=parties, staff=staff, stopped=stopped)


def _is_staff(address: Address, parties: tuple[d.Party, ...], staff_domains: frozenset[str]) -> bool:
    """An address of the council's that the register knows as nothing else than an officer's.

    An officer's address elsewhere is not the council's to read: it falls to the row for staff, which encrypts.
    """
    return address.belongs_to(staff_domains) and all(p.kind is d.PartyKind.OFFICER for p in parties)


def _parties(rows: Rows, recipients: Collection[Address], day: date) -> dict[Address, tuple[d.Party, ...]]:
    found: dict[str, list[d.Party]] = defaultdict(list)
    supports = _by_first(rows.supports)
    for row in sorted(rows.parties, key=lambda r: r.code):
        found[row.email].append(row.value(day, supports[row.code]))
    for organisation in rows.organisations:
        kind = d.PartyKind.REGULATOR if organisation.regulator else d.PartyKind.ORGANISATION
        for key in {r.key for r in recipients if r.domain == organisation.domain}:
            if not any(p.organisation == organisation.code for p in found[key]):
                found[key].append(d.Party(organisation.code, kind, organisation=organisation.code))
    return {r: tuple(found[r.key]) for r in recipients if found.get(r.key)}


def _people(rows: Rows) -> dict[str, d.PersonFacts]:
    households, permissions, bases = _by_first(rows.households), _permissions(rows), _bases(rows.bases)
    capacity = dict(rows.capacity)  # the last one stands
    return {
        ref: d.PersonFacts(
            ref=ref,
            capacity=d.Capacity(capacity.get(ref, d.Capacity.HAS)),
            households=frozenset(households[ref]),
            permissions=tuple(permissions[ref]),
            bases=tuple(bases[ref]),
            died_on=died_on,
        )
        for ref, died_on in rows.people
    }


def _by_first(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


_REPRESENTATIVES = frozenset({"attorney", "deputy"})


def _permissions(rows: Rows) -> dict[str, list[d.Permission]]:
    grants: dict[str, list[d.Grant]] = defaultdict(list)
    for g in rows.grants:
        grants[g.permission].append(d.Grant(g.named, _categories(g.categories), g.withdrawn_at, g.since))
    found: dict[str, list[d.Permission]] = defaultdict(list)
    for p in rows.permissions:
        found[p.person].append(
            d.Permission(
                ref=p.code,
                ground=d.Ground(p.ground),
                signed_on=p.signed_on,
                review_due=p.review_due,
                grants=tuple(grants[p.code]),
                withdrawn_at=p.withdrawn_at,
                reviewed_on=p.reviewed_on,
                represented=p.given_by in _REPRESENTATIVES,
            )
        )
    return found


def _bases(rows: Iterable[BasisRow]) -> dict[str, list[d.OtherBasis]]:
    found: dict[str, list[d.OtherBasis]] = defaultdict(list)
    for b in rows:
        found[b.person].append(
            d.OtherBasis(
                ref=b.code,
                basis=Basis(b.basis),
                recipients=frozenset(name for typed in b.recipients for name in _meant(typed)),
                categories=_categories(b.categories),
                since=b.since,
                until=b.until,
                ended_at=b.ended_at,
            )
        )
    return found


def _meant(typed: str) -> tuple[str, ...]:
    """An address, or else whichever of the two has this code: never both do (``register.models.named``)."""
    return (typed,) if "@" in typed else (d.of_party(typed), d.of_organisation(typed))


def _categories(names: Iterable[str]) -> frozenset[Category]:
    return frozenset(Category(c) for c in names)
