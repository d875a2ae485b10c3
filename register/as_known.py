"""What was recorded at an earlier time about sharing: what we knew when a mail was sent.

The same answer as ``circle.read`` would have given then, made from the history of each table. For people who look
back (a review, a breach, a policy tried out on old mails), not for the relay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from domain import permission as d
from domain.model import Address
from register import models as m
from register.models.dated import Earlier
from register.models.recorded import Recorded
from register.rows import BasisRow, GrantRow, OrganisationRow, PartyRow, PermissionRow, Rows, assemble, named_by


def read(
    people: Collection[str],
    recipients: Collection[Address],
    at: datetime,
    staff_domains: frozenset[str],
    *,
    known_at: datetime,
) -> d.Circle:
    """The circle, valid at ``at``, as far as it was recorded at ``known_at``."""
    parties, supports = _parties({r.key for r in recipients}, at.date(), known_at)
    rows = Rows(
        parties=parties,
        supports=supports,
        organisations=_organisations({r.domain for r in recipients} - {""}, known_at),
    )
    _add_people(rows, people, at, known_at)
    return assemble(rows, recipients, at, staff_domains)


def states(table: type[Recorded], known_at: datetime, scope: Q) -> dict[int, Any]:
    """The last recorded state of each row in ``scope`` that was not deleted by then, by its key.

    ``scope`` must rest on what never changes about a row.
    """
    last: dict[int, Any] = {}
    history = table.history.filter(scope, history_date__lte=known_at)
    for state in history.order_by("history_date", "history_id"):
        last[state.id] = state
    return {key: state for key, state in last.items() if state.history_type != "-"}


def _ever(table: type[Recorded], **said: object) -> set[int]:
    """The keys of rows of which this was said at any time."""
    return set(table.history.filter(**said).values_list("id", flat=True))


def _valid(state: Any, day: date) -> bool:
    return (state.starts is None or state.starts <= day) and (state.ends is None or state.ends >= day)


def _parties(keys: set[str], day: date, known_at: datetime) -> tuple[list[PartyRow], list[tuple[str, str]]]:
    once = set(m.EarlierMailbox.history.filter(email__in=keys).values_list("party_id", flat=True))
    found = states(m.Party, known_at, Q(id__in=_ever(m.Party, email__in=keys) | once))
    emails = held_on(found, m.EarlierMailbox, "email", day, known_at)
    parties = [p for p in found.values() if emails.get(p.id) in keys and _valid(p, day)]
    homes = held_on(found, m.EarlierHousehold, "household_id", day, known_at)
    households = states(m.Household, known_at, Q(id__in=list(homes.values())))
    organisations = states(m.Organisation, known_at, Q(id__in=[p.organisation_id for p in parties]))
    people = states(m.Person, known_at, Q(id__in=[p.person_id for p in parties]))
    trained = _trained({p.id for p in parties}, day, known_at)
    rows = [
        PartyRow(
            emails[p.id], p.code, p.kind, p.approved, p.approved_from, p.approved_to,
            _of(households, homes.get(p.id), "code"), _of(organisations, p.organisation_id, "code"),
            _of(organisations, p.organisation_id, "regulator"), _of(people, p.person_id, "ref"), trained.get(p.id),
        )
        for p in parties
    ]  # fmt: skip
    return rows, _supports({p.id: p.code for p in parties}, day, known_at)


def held_on(rows: dict[int, Any], earlier: type[Earlier], column: str, day: date, known_at: datetime) -> dict[int, Any]:
    """What the column of each row said that day, by the row's key; left out where it said nothing."""
    held = {key: getattr(row, column) for key, row in rows.items() if (getattr(row, earlier.SINCE) or day) <= day}
    for state in states(earlier, known_at, Q(**{f"{earlier.OF}_id__in": list(rows)})).values():
        if _valid(state, day):
            held[getattr(state, f"{earlier.OF}_id")] = getattr(state, column)
    return held


def _supports(codes: dict[int, str], day: date, known_at: datetime) -> list[tuple[str, str]]:
    found = [s for s in states(m.Support, known_at, Q(party_id__in=list(codes))).values() if _valid(s, day)]
    households = states(m.Household, known_at, Q(id__in=[s.household_id for s in found]))
    return [(codes[s.party_id], households[s.household_id].code) for s in found]


def _of(found: dict[int, Any], key: int | None, name: str) -> Any:
    return getattr(found[key], name) if key in found else None


def _trained(parties: set[int], day: date, known_at: datetime) -> dict[int, date]:
    last: dict[int, date] = {}
    for t in states(m.Training, known_at, Q(party_id__in=parties)).values():
        if t.kind == m.Training.DATA_PROTECTION and t.done_on <= day:
            last[t.party_id] = max(last.get(t.party_id, t.done_on), t.done_on)
    return last


def _organisations(domains: set[str], known_at: datetime) -> list[OrganisationRow]:
    found = states(m.Organisation, known_at, Q(id__in=_ever(m.Organisation, domain__in=domains))).values()
    rows = [OrganisationRow(o.code, o.domain, o.regulator) for o in found if o.domain in domains]
    return sorted(rows)


def _add_people(rows: Rows, refs: Collection[str], at: datetime, known_at: datetime) -> None:
    day = at.date()
    people = states(m.Person, known_at, Q(ref__in=refs))
    of_them = Q(person_id__in=list(people))
    rows.people = [(p.ref, p.died_on) for p in people.values()]
    placements = [p for p in states(m.Placement, known_at, of_them).values() if _valid(p, day)]
    households = states(m.Household, known_at, Q(id__in=[p.household_id for p in placements]))
    rows.households = [(people[p.person_id].ref, households[p.household_id].code) for p in placements]
    assessed = [a for a in states(m.CapacityAssessment, known_at, of_them).values() if (a.starts or day) <= day]
    assessed.sort(key=lambda a: a.starts or date.min)
    rows.capacity = [(people[a.person_id].ref, a.capacity) for a in assessed]
    forms = states(m.Permission, known_at, of_them)
    rows.permissions = [
        PermissionRow(
            people[f.person_id].ref,
            f.code,
            f.ground,
            f.signed_on,
            f.review_due,
            f.reviewed_on,
            f.withdrawn_at,
            f.given_by,
        )
        for f in forms.values()
    ]
    rows.grants = list(_grants(forms, at, known_at))
    rows.bases = [
        BasisRow(people[b.person_id].ref, b.code, b.basis, b.recipients, b.categories, b.since, b.until, b.ended_at)
        for b in states(m.SharingBasis, known_at, of_them).values()
    ]


def _grants(forms: dict[int, Any], at: datetime, known_at: datetime) -> Iterable[GrantRow]:
    found = states(m.Grant, known_at, Q(permission_id__in=list(forms)))
    grants, said = found.values(), _lines_on(found, at, known_at)
    parties = states(m.Party, known_at, Q(id__in=[g.party_id for g in grants]))
    organisations = states(m.Organisation, known_at, Q(id__in=[g.organisation_id for g in grants]))
    for g in grants:
        named = named_by(_of(parties, g.party_id, "code"), _of(organisations, g.organisation_id, "code"))
        yield GrantRow(forms[g.permission_id].code, named, said.get(g.id, []), g.withdrawn_at, g.since)


def _lines_on(grants: dict[int, Any], at: datetime, known_at: datetime) -> dict[int, list[str]]:
    """What each line let know at that time."""
    said = {key: g.categories for key, g in grants.items() if (g.changed_at or at) <= at}
    for e in states(m.EarlierLine, known_at, Q(grant_id__in=list(grants))).values():
        if (e.starts or at) <= at < e.ends:
            said[e.grant_id] = e.categories
    return said
