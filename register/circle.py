"""Step 5: what is recorded now about sharing some people's information with some recipients, true at one time.

Read from the rows each time; nothing here is cached, so that a withdrawal counts for the next message (promise 5).
One question for each kind of fact, whatever the number of people; PostgreSQL answers all of them in one round trip.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from domain import permission as d
from domain.model import Address
from register.models import Training
from register.rows import BasisRow, GrantRow, OrganisationRow, PartyRow, PermissionRow, Rows, assemble, named_by
from register.sql import Answer, Question, ask, day, gather, listed, maybe_day, maybe_moment, moment, sorted_tuple


def read(
    people: Collection[str], recipients: Collection[Address], at: datetime, staff_domains: frozenset[str]
) -> d.Circle:
    """The circle. ``staff_domains`` are folded."""
    parties, organisations, supports, stops, *of_people = gather(
        *_about_recipients(recipients, at.date()), *_about(people, at.date())
    )
    rows = Rows(parties=_parties(parties), organisations=_organisations(organisations))
    rows.supports = [(carer, home) for carer, home in supports]
    rows.stopped = [str(address) for (address,) in stops]
    if of_people:
        _add_people(rows, at, *of_people)
    return assemble(rows, recipients, at, staff_domains)


def stopped(recipients: Collection[Address]) -> frozenset[Address]:
    """Those of them to whom nothing goes for the time being."""
    (stops,) = gather(_stopped(recipients))
    keys = {str(address) for (address,) in stops}
    return frozenset(r for r in recipients if r.key in keys)


def _stopped(recipients: Collection[Address]) -> Question:
    return Question(_STOPPED, (sorted_tuple({r.key for r in recipients}),))


_STOPPED = "SELECT address FROM register_stoppedrecipient WHERE ends IS NULL AND address IN (%s)"
_MAILBOXES = """
(SELECT id, email FROM register_party WHERE email IN (%s) AND (email_from IS NULL OR email_from <= %s)
  UNION ALL
 SELECT party_id, email FROM register_earliermailbox
  WHERE email IN (%s) AND (starts IS NULL OR starts <= %s) AND ends >= %s) a
"""
"""Whose the addresses are that day."""
_PARTIES = f"""
SELECT a.email, p.code, p.kind, p.approved, p.approved_from, p.approved_to, h.code, o.code, o.regulator, s.ref,
       (SELECT MAX(t.done_on) FROM register_training t
         WHERE t.party_id = p.id AND t.kind = %s AND t.done_on <= %s)
  FROM {_MAILBOXES}
  JOIN register_party p ON p.id = a.id
  LEFT JOIN register_earlierhousehold e ON e.party_id = p.id AND e.ends >= %s AND (e.starts IS NULL OR e.starts <= %s)
  LEFT JOIN register_household h ON h.id = CASE WHEN p.household_from > %s THEN e.household_id ELSE p.household_id END
  LEFT JOIN register_organisation o ON o.id = p.organisation_id
  LEFT JOIN register_person s ON s.id = p.person_id
 WHERE (p.starts IS NULL OR p.starts <= %s) AND (p.ends IS NULL OR p.ends >= %s)
"""  # noqa: S608 - of this module's own statements


_ORGANISATIONS = "SELECT code, domain, regulator FROM register_organisation WHERE domain IN (%s) ORDER BY code"
_SUPPORTS = f"""
SELECT p.code, h.code
  FROM {_MAILBOXES}
  JOIN register_party p ON p.id = a.id
  JOIN register_support s ON s.party_id = p.id
  JOIN register_household h ON h.id = s.household_id
 WHERE s.starts <= %s AND (s.ends IS NULL OR s.ends >= %s)
"""  # noqa: S608 - of this module's own statements


def _about_recipients(recipients: Collection[Address], today: date) -> tuple[Question, ...]:
    keys = sorted_tuple({r.key for r in recipients})
    domains = sorted_tuple({r.domain for r in recipients} - {""})
    mailboxes = (keys, today, keys, today, today)
    return (
        Question(_PARTIES, (Training.DATA_PROTECTION, today, *mailboxes, *[today] * 5)),
        Question(_ORGANISATIONS, (domains,)),
        Question(_SUPPORTS, (*mailboxes, today, today)),
        _stopped(recipients),
    )


def _parties(found: Answer) -> list[PartyRow]:
    return [
        PartyRow(
            email, code, kind, bool(approved), maybe_day(since), maybe_day(until),
            home, firm, None if regulator is None else bool(regulator), person, maybe_day(trained),
        )
        for email, code, kind, approved, since, until, home, firm, regulator, person, trained in found
    ]  # fmt: skip


def _organisations(found: Answer) -> list[OrganisationRow]:
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
SELECT g.id, f.code, p.code, o.code, g.categories, g.withdrawn_at, g.since, g.changed_at
  FROM register_person s
  JOIN register_permission f ON f.person_id = s.id
  JOIN register_grant g ON g.permission_id = f.id
  LEFT JOIN register_party p ON p.id = g.party_id
  LEFT JOIN register_organisation o ON o.id = g.organisation_id
 WHERE s.ref IN (%s)
"""
_EARLIER_LINES = """
SELECT grant_id, categories, starts, ends FROM register_earlierline WHERE grant_id IN (%s)
"""
_BASES = """
SELECT s.ref, b.code, b.basis, b.recipients, b.categories, b.since, b.until, b.ended_at
  FROM register_sharingbasis b JOIN register_person s ON s.id = b.person_id
 WHERE s.ref IN (%s)
"""


def _about(people: Collection[str], today: date) -> tuple[Question, ...]:
    if not people:
        return ()
    refs = sorted_tuple(people)
    return (
        Question(_LIVES, (today, today, refs)),
        Question(_CAPACITY, (refs, today)),
        Question(_FORMS, (refs,)),
        Question(_GRANTS, (refs,)),
        Question(_BASES, (refs,)),
    )


def _add_people(
    rows: Rows, at: datetime, lives: Answer, capacity: Answer, forms: Answer, grants: Answer, bases: Answer
) -> None:
    rows.people = list({ref: (ref, maybe_day(died)) for ref, died, _ in lives}.values())
    rows.households = [(ref, home) for ref, _, home in lives if home]
    rows.capacity = [(ref, state) for ref, state in capacity]
    rows.permissions = [
        PermissionRow(ref, code, ground, day(signed), day(due), maybe_day(reviewed), maybe_moment(withdrawn), given_by)
        for ref, code, ground, signed, due, reviewed, withdrawn, given_by in forms
    ]
    before = _lines_before(at, grants)
    rows.grants = [
        GrantRow(
            form,
            named_by(party, firm),
            before[key] if key in before else listed(categories),
            maybe_moment(withdrawn),
            maybe_moment(since),
        )
        for key, form, party, firm, categories, withdrawn, since, _ in grants
    ]
    rows.bases = [
        BasisRow(ref, code, basis, listed(to), listed(categories), moment(since), moment(until), maybe_moment(ended))
        for ref, code, basis, to, categories, since, until, ended in bases
    ]


def _lines_before(at: datetime, grants: Answer) -> dict[int, list[str]]:
    """What lines let know at that time that were changed since. Asked only by people who look back."""
    changed = [key for key, *_, changed in grants if changed is not None and moment(changed) > at]
    then: dict[int, list[str]] = {key: [] for key in changed}
    if changed:
        for key, categories, starts, ends in ask(_EARLIER_LINES, changed):
            if (starts is None or moment(starts) <= at) and at < moment(ends):
                then[key] = listed(categories)
    return then
