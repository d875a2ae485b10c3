"""What the register knows of those whom a mail names or numbers, in one round trip.

Asked with every mail: the names' version, birth days and numbers. Asked only where it matters: whom the sender and the
recipients look after, and whether a name belongs to a carer, an officer or a professional.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from register.sql import Answer, Question, gather, maybe_day, sorted_tuple


@dataclass(frozen=True, slots=True)
class Known:
    """By reference, by each number. ``near`` are looked after by the addresses; ``workers`` are folded names.

    ``colleagues`` are on the caseload of an address's team.
    """

    version: int
    births: dict[str, date | None]
    nhs_numbers: dict[str, str]
    council_ids: dict[str, str]
    near: frozenset[str] = frozenset()
    workers: frozenset[str] = frozenset()
    colleagues: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``addresses`` and ``workers`` empty: not asked."""

    refs: Collection[str]
    nhs_numbers: Collection[str]
    council_ids: Collection[str]
    addresses: Collection[str] = ()
    workers: Collection[str] = ()


_VERSION = "SELECT number FROM register_registerversion"
_PEOPLE = """
SELECT ref, date_of_birth, nhs_number, council_id
  FROM register_person WHERE ref IN (%s) OR nhs_number IN (%s) OR council_id IN (%s)
"""
_NEAR = """
WITH a AS (
  SELECT id FROM register_party WHERE email IN (%s)
   UNION
  SELECT party_id FROM register_earliermailbox WHERE email IN (%s)
), h AS (
  SELECT p.household_id AS id FROM a JOIN register_party p ON p.id = a.id WHERE p.kind = 'carer'
   UNION
  SELECT e.household_id FROM a JOIN register_earlierhousehold e ON e.party_id = a.id
   UNION
  SELECT u.household_id FROM a JOIN register_support u ON u.party_id = a.id
)
SELECT s.ref FROM a JOIN register_person s ON s.officer_id = a.id
 UNION
SELECT s.ref FROM a JOIN register_earlierofficer e ON e.officer_id = a.id JOIN register_person s ON s.id = e.person_id
 UNION
SELECT s.ref FROM h JOIN register_placement l ON l.household_id = h.id JOIN register_person s ON s.id = l.person_id
 UNION
SELECT s.ref FROM a JOIN register_party f ON f.id = a.id JOIN register_person s ON s.id = f.person_id
"""
"""Those whose officer, carer, support carer or family they are (now, or once), and themselves."""
_WORKERS = """
SELECT DISTINCT LOWER(name) FROM register_party
 WHERE LOWER(name) IN (%s) AND kind IN ('carer', 'officer', 'professional')
"""


_COLLEAGUES = """
SELECT s.ref
  FROM register_person s JOIN register_party c ON c.id = s.officer_id
 WHERE s.ref IN (%s) AND COALESCE(c.team_id, 0) IN (
       SELECT COALESCE(o.team_id, 0) FROM register_party o WHERE o.email IN (%s) AND o.kind = 'officer')
"""
"""Those of them who are on the caseload of the addresses' team; officers without a team are one team."""


def of_colleagues(refs: Collection[str], addresses: Collection[str]) -> frozenset[str]:
    """Which of these people an officer with such an address may be standing in for a colleague about."""
    return _first_column(gather(Question(_COLLEAGUES, (sorted_tuple(refs), sorted_tuple(addresses))))[0])


def ask(wanted: Wanted) -> Known:
    """All of it as at one moment on PostgreSQL."""
    refs, nhs, council, to, names = (
        sorted_tuple(frozenset(w))
        for w in (wanted.refs, wanted.nhs_numbers, wanted.council_ids, wanted.addresses, wanted.workers)
    )
    questions = [Question(_VERSION), Question(_PEOPLE, (refs, nhs, council))]
    if to:
        questions.append(Question(_NEAR, (to, to)))
    if names:
        questions.append(Question(_WORKERS, (names,)))
    version, people, *more = gather(*questions)
    near = _first_column(more.pop(0)) if to else frozenset()
    return Known(
        version=int(version[0][0]) if version else 0,
        births={ref: maybe_day(born) for ref, born, _, _ in people},
        nhs_numbers={nhs: ref for ref, _, nhs, _ in people if nhs is not None},
        council_ids={council: ref for ref, _, _, council in people},
        near=near,
        workers=_first_column(more.pop(0)) if names else frozenset(),
    )


def _first_column(rows: Answer) -> frozenset[str]:
    return frozenset(str(row[0]) for row in rows)
