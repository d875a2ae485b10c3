"""Step 5: what is recorded now about sharing some people's information with some recipients, true at one time.

Read from the rows each time; nothing here is cached, so that a withdrawal counts for the next message (promise 5).
One statement for each kind of fact, whatever the number of people.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from domain import permission as d
from domain.model import Address
from register.models import Training
from register.rows import BasisRow, GrantRow, OrganisationRow, PartyRow, PermissionRow, Rows, assemble, named_by
from register.sql import ask, day, listed, maybe_day, maybe_moment, moment, sorted_tuple


def read(
    people: Collection[str], recipients: Collection[Address], at: datetime, staff_domains: frozenset[str]
) -> d.Circle:
    """The circle. ``staff_domains`` are folded."""
    rows = Rows(parties=_parties(recipients, at.date()), organisations=_organisations(recipients))
    if people:
        _add_people(rows, sorted_tuple(people), at.date())
    return assemble(rows, recipients, at, staff_domains)


_PARTIES = """
SELECT p.email, p.code, p.kind, p.approved, p.approved_from, p.approved_to, h.code, o.code, o.regulator, s.ref,
       (SELECT MAX(t.done_on) FROM register_training t
         WHERE t.party_id = p.id AND t.kind = %s AND t.done_on <= %s)
  FROM register_party p
  LEFT JOIN register_household h ON h.id = p.household_id
  LEFT JOIN register_organisation o ON o.id = p.organisation_id
  LEFT JOIN register_person s ON s.id = p.person_id
 WHERE p.email IN (%s) AND (p.starts IS NULL OR p.starts <= %s) AND (p.ends IS NULL OR p.ends >= %s)
"""


def _parties(recipients: Collection[Address], today: date) -> list[PartyRow]:
    keys = sorted_tuple({r.key for r in recipients})
    found = ask(_PARTIES, Training.DATA_PROTECTION, today, keys, today, today)
    return [
        PartyRow(
            email, code, kind, bool(approved), maybe_day(since), maybe_day(until),
            home, firm, None if regulator is None else bool(regulator), person, maybe_day(trained),
        )
        for email, code, kind, approved, since, until, home, firm, regulator, person, trained in found
    ]  # fmt: skip


def _organisations(recipients: Collection[Address]) -> list[OrganisationRow]:
    domains = sorted_tuple({r.domain for r in recipients} - {""})
    found = ask("SELECT code, domain, regulator FROM register_organisation WHERE domain IN (%s) ORDER BY code", domains)
    return [OrganisationRow(code, domain, bool(regulator)) for code, domain, regulator in found]


_LIVES = """
SELECT s.ref, s.died_on, h.code
  FROM register_person s
  LEFT JOIN register_placement l ON l.person_id = s.id AND l.starts <= %s AND (l.ends IS NULL OR l.ends >= %s)
  LEFT JOIN register_household h ON h.id = l.household_id
 WHERE s.ref IN (%s)
"""
_CAPACITY = """
SELECT s.ref, a.capacity
  FROM register_capacityassessment a JOIN register_person s ON s.id = a.person_id
 WHERE s.ref IN (%s) AND (a.starts IS NULL OR a.starts <= %s)
 ORDER BY a.starts IS NOT NULL, a.starts
"""
_FORMS = """
SELECT s.ref, f.code, f.ground, f.signed_on, f.review_due, f.reviewed_on, f.withdrawn_at, f.given_by
  FROM register_permission f JOIN register_person s ON s.id = f.person_id
 WHERE s.ref IN (%s)
"""
_GRANTS = """
SELECT f.code, p.code, o.code, g.categories, g.withdrawn_at
  FROM register_person s
  JOIN register_permission f ON f.person_id = s.id
  JOIN register_grant g ON g.permission_id = f.id
  LEFT JOIN register_party p ON p.id = g.party_id
  LEFT JOIN register_organisation o ON o.id = g.organisation_id
 WHERE s.ref IN (%s)
"""
_BASES = """
SELECT s.ref, b.code, b.basis, b.recipients, b.categories, b.since, b.until, b.ended_at
  FROM register_sharingbasis b JOIN register_person s ON s.id = b.person_id
 WHERE s.ref IN (%s)
"""


def _add_people(rows: Rows, people: tuple[str, ...], today: date) -> None:
    lives = ask(_LIVES, today, today, people)
    rows.people = list({ref: (ref, maybe_day(died)) for ref, died, _ in lives}.values())
    rows.households = [(ref, home) for ref, _, home in lives if home]
    rows.capacity = [(ref, capacity) for ref, capacity in ask(_CAPACITY, people, today)]
    rows.permissions = [
        PermissionRow(ref, code, ground, day(signed), day(due), maybe_day(reviewed), maybe_moment(withdrawn), given_by)
        for ref, code, ground, signed, due, reviewed, withdrawn, given_by in ask(_FORMS, people)
    ]
    rows.grants = [
        GrantRow(form, named_by(party, firm), listed(categories), maybe_moment(withdrawn))
        for form, party, firm, categories, withdrawn in ask(_GRANTS, people)
    ]
    rows.bases = [
        BasisRow(ref, code, basis, listed(to), listed(categories), moment(since), moment(until), maybe_moment(ended))
        for ref, code, basis, to, categories, since, until, ended in ask(_BASES, people)
    ]
