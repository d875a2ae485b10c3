"""Who may know what about one person: now, at an earlier time, or as far as was known at an earlier time.

For people who ask, not for the relay. The states are those by which a mail is decided: the same rows, the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q

from domain import permission as d
from domain.model import NULL_SENDER, Address, Category
from domain.permission import PermissionState, Relation, ReviewIntervals
from register import as_known, circle
from register import models as m
from register.models.dated import counting_on
from register.models.recorded import valid_on


@dataclass(frozen=True, slots=True)
class Knower:
    """Somebody who is named for the person, or near to them. ``code`` is an id of the register, or an address."""

    code: str
    name: str
    relation: Relation
    states: dict[Category, PermissionState]


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is recorded about sharing one person's information, true ``at`` that time: no form signed later."""

    council_id: str
    at: datetime
    facts: d.PersonFacts
    knowers: tuple[Knower, ...]


def read(
    council_id: str, at: datetime, reviews: ReviewIntervals, *, known_at: datetime | None = None
) -> Standing | None:
    """None for a council ID that nobody has, or had at ``known_at``."""
    person = m.Person.objects.filter(council_id__iexact=council_id).first()
    if person is None:
        return None
    facts = _circle(person.ref, (), at, known_at).people.get(person.ref)
    if facts is None:
        return None
    facts = replace(facts, permissions=tuple(p for p in facts.permissions if p.signed_on <= at.date()))
    named = _named(person, facts, at)
    addresses = [Address.of(a) for a in sorted(set(_addresses(named, known_at)))]
    found = _circle(person.ref, addresses, at, known_at).parties
    parties = {p.ref: (address, p) for address, ps in found.items() for p in ps}
    firms = {o.code: o for o in m.Organisation.objects.filter(code__in=named)}
    names = dict(m.Party.objects.filter(code__in=named).values_list("code", "name"))
    knowers = []
    for code in sorted(named):
        address, party, name = _who(code, parties, names, firms)
        related = d.relation(party, facts) if party else Relation.STRANGER
        states = {c: d.state(address, party, facts, c, at, reviews) for c in Category}
        knowers.append(Knower(code, name, related, states))
    return Standing(person.council_id, at, facts, tuple(knowers))


def nobody(ref: str) -> d.PersonFacts:
    """What is recorded of somebody of whom nothing is."""
    return d.PersonFacts(ref, d.Capacity.HAS, frozenset(), ())


def _circle(ref: str, addresses: Iterable[Address], at: datetime, known_at: datetime | None) -> d.Circle:
    if known_at is None:
        return circle.read([ref], list(addresses), at, frozenset())
    return as_known.read([ref], list(addresses), at, frozenset(), known_at=known_at)


def _named(person: m.Person, facts: d.PersonFacts, at: datetime) -> set[str]:
    """Whom forms and other grounds name, the carers at home and who stands in for them, who belongs to the person."""
    forms = {d.code_of(grant.party) for form in facts.permissions for grant in form.grants if grant.begun(at)}
    others = {d.code_of(recipient) for basis in facts.bases for recipient in basis.recipients}
    carers = m.Party.objects.filter(_at_home(facts.households, at.date()), kind=d.PartyKind.CARER.value)
    near = m.Party.objects.filter(person=person)
    return forms | others | {row.code for row in (*carers, *near)}


def _at_home(households: frozenset[str], day: date) -> Q:
    """Carers whose own home one of them was that day, or who stood in there."""
    there = {"household__code__in": households}
    earlier = m.EarlierHousehold.objects.filter(valid_on(day), **there)
    support = m.Support.objects.filter(valid_on(day), **there)
    return counting_on(day, "household_from", **there) | Q(earlier_households__in=earlier) | Q(supports__in=support)


def _addresses(codes: set[str], known_at: datetime | None) -> Iterator[str]:
    """Their mailboxes, also those they had at that time."""
    yield from (code for code in codes if "@" in code)
    yield from m.Party.objects.filter(code__in=codes).values_list("email", flat=True)
    yield from m.EarlierMailbox.objects.filter(party__code__in=codes).values_list("email", flat=True)
    if known_at is not None:
        yield from m.Party.history.filter(code__in=codes).values_list("email", flat=True)


def _who(
    code: str,
    parties: dict[str, tuple[Address, d.Party]],
    names: dict[str, str],
    organisations: dict[str, m.Organisation],
) -> tuple[Address, d.Party | None, str]:
    """Whom a code means, or an address: their mailbox then, what they were, what they are called."""
    address, party = parties.get(code, (NULL_SENDER, None))
    if code in names:
        return address, party, names[code]
    if firm := organisations.get(code):
        kind = d.PartyKind.REGULATOR if firm.regulator else d.PartyKind.ORGANISATION
        return address, d.Party(code, kind, organisation=code), firm.name
    return (Address.of(code) if "@" in code else address), party, code
