"""The sample register: valid, reserved, never stale, and readable by the register's own importer."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from demo.cast import BERNICE, EDWIN, MAGDA, OLIVE, PERCIVAL, ROWAN, TOBIAS, cast
from demo.people import KeyKind, Permission
from demo.register_file import HEADER, write_register_csv
from domain.identifiers import valid_nhs_number
from domain.permission import Capacity
from register.importing.reading import Row, read

DAYS = [date(2026, 2, 28), date(2028, 2, 29), date(2041, 12, 31)]


def test_nhs_numbers_are_valid_and_from_the_test_range() -> None:
    """A real patient's number can never appear: the check digit holds and 999 is never issued."""
    numbers = [person.nhs_number for person in cast(DAYS[0]).persons]
    assert all(valid_nhs_number(n) and n.startswith("999") for n in numbers)
    assert len(set(numbers)) == len(numbers)


def test_every_mailbox_is_in_a_reserved_domain() -> None:
    """Nothing the demo sends could reach anybody, even by accident (RFC 2606)."""
    people = cast(DAYS[0])
    mailboxes = [c.email for c in people.correspondents] + [o.email for o in people.officers]
    mailboxes += [p.email for p in people.persons if p.email]
    assert all(m.endswith(".example") for m in mailboxes)
    assert len(set(mailboxes)) == len(mailboxes)


def test_every_telephone_number_is_from_the_drama_ranges() -> None:
    """01632 960xxx, 07700 900xxx and 03069 990xxx are kept for stories by Ofcom."""
    people = cast(DAYS[0])
    numbers = (
        [c.phone for c in people.carers] + [o.phone for o in people.officers] + [o.phone for o in people.organisations]
    )
    assert all(re.fullmatch(r"(01632 960|07700 900|03069 990)\d{3}", n) for n in numbers)


def test_council_ids_have_the_services_form() -> None:
    """SL and five digits, each once."""
    ids = [person.id for person in cast(DAYS[0]).persons]
    assert all(re.fullmatch(r"SL-\d{5}", i) for i in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("today", DAYS)
def test_situations_hold_on_any_day(today: date) -> None:
    """What is overdue stays overdue, what is in date stays so, however old the file is."""
    forms = {form.person: form for form in cast(today).permissions}
    assert forms[EDWIN].review_due < today
    assert forms[BERNICE].withdrawn_on is not None
    assert forms[BERNICE].withdrawn_on < today < forms[BERNICE].review_due
    assert all(_in_force(forms[p], today) for p in (ROWAN, OLIVE, TOBIAS, MAGDA))
    assert forms[MAGDA].type == "best-interests"
    assert PERCIVAL not in forms


def _in_force(form: Permission, today: date) -> bool:
    return form.withdrawn_on is None and form.signed_on < today < form.review_due


def test_two_share_a_name_and_two_a_household() -> None:
    """The situations that make a name alone too little, and a mail about two people possible."""
    today = DAYS[0]
    people = cast(today)
    same = [p for p in people.persons if p.name == "Gwen Larkspur"]
    assert len(same) == len({p.born for p in same}) == 2
    assert people.homes(ROWAN, today)[0] == people.homes(OLIVE, today)[0]
    assert len(people.homes(ROWAN, today)) == 2  # short breaks elsewhere, too


def test_ended_placement_is_no_home() -> None:
    """Tobias has moved: his former carer is a carer of somebody else."""
    today = DAYS[0]
    assert [h.id for h in cast(today).homes(TOBIAS, today)] == ["H-102"]


def test_capacity_and_keys_cover_each_kind() -> None:
    """Somebody of each kind, so that the demo can show each rule."""
    people = cast(DAYS[0])
    assert {p.capacity for p in people.persons} == set(Capacity)
    assert {c.key for c in people.carers} == set(KeyKind)
    assert KeyKind.NONE not in people.keys.values()
    assert "anwen.tredgold@post.example" not in people.keys


def test_references_point_at_somebody() -> None:
    """Every household, organisation, person and party that a record names exists."""
    people = cast(DAYS[0])
    persons = {p.id for p in people.persons}
    parties = {c.id for c in people.correspondents} | {o.id for o in people.organisations}
    assert {p.person for p in people.placements} == persons
    homes = {p.household for p in people.placements} | {c.household for c in people.carers}
    assert homes | {s.household for s in people.supports} <= {h.id for h in people.households}
    assert {s.carer for s in people.supports} <= {c.id for c in people.carers}
    assert {f.person for f in people.permissions} | {r.person for r in people.relatives} <= persons
    assert {g.party for f in people.permissions for g in f.grants} <= parties
    assert {p.organisation for p in people.professionals} <= {o.id for o in people.organisations}


def test_file_has_the_agreed_header_and_empty_cells(tmp_path: Path) -> None:
    """One file, the agreed columns, nothing written where nothing applies."""
    path = tmp_path / "register.csv"
    write_register_csv(path, cast(DAYS[0]))
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    assert tuple(rows[0]) == HEADER
    household = next(r for r in rows if r["type"] == "household")
    assert {k for k, v in household.items() if v} == {"type", "id", "name"}


def test_importer_reads_every_row(tmp_path: Path) -> None:
    """The register's own reader finds nothing to complain of, and reads back the withdrawal and the grants."""
    path = tmp_path / "register.csv"
    people = cast(DAYS[0])
    write_register_csv(path, people)
    rows = list(read(path))
    assert [r for r in rows if not isinstance(r, Row)] == []
    good = [r for r in rows if isinstance(r, Row)]
    withdrawn = [r.moment("withdrawn_on") for r in good if r.kind == "permission" and r.text("person") == BERNICE]
    assert withdrawn == [datetime(2026, 2, 25, tzinfo=UTC)]
    grants = {(r.text("role"), r.text("party")): set(r.categories()) for r in good if r.kind == "grant"}
    assert grants == {(f.id, g.party): {c.value for c in g.categories} for f in people.permissions for g in f.grants}
