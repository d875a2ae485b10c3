"""Partings as the register has them: placements, carers' homes and approvals, who stands in, deaths."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.leaving import Why
from domain.permission import PartyKind
from register import leaving
from register.models import Household, Party, Person, PersonName, Placement, Support

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 30)
YESTERDAY, LAST_WEEK = TODAY - timedelta(days=1), TODAY - timedelta(days=7)
BEGAN = date(2020, 1, 1)


@pytest.fixture
def home() -> Household:
    return Household.objects.create(code="H-1")


@pytest.fixture
def ann() -> Person:
    person = Person.objects.create(ref="p-ann", council_id="SL-1")
    PersonName.objects.create(person=person, name="Ann Lee", main=True)
    return person


def carer(home: Household, code: str = "C-1", **more: object) -> Party:
    named = {"kind": PartyKind.CARER.value, "name": "Cara", "email": f"{code}@carers.example".lower()}
    return Party.objects.create(code=code, household=home, **named, **more)


def ended() -> list[tuple[str, str, date]]:
    return [(found.carer, found.why.name, found.ended) for found in leaving.ended(TODAY)]


def test_a_placement_that_ended_parts_all_carers_of_that_home(home, ann) -> None:
    carer(home), carer(home, "C-2")
    placed = Placement.objects.create(person=ann, household=home, starts=BEGAN)
    assert ended() == []
    placed.ends = YESTERDAY
    placed.save()
    assert ended() == [("C-1", "PLACEMENT", YESTERDAY), ("C-2", "PLACEMENT", YESTERDAY)]


@pytest.mark.parametrize(
    ("more", "day"),
    [({"approved_to": LAST_WEEK}, LAST_WEEK), ({"approved": False}, YESTERDAY), ({"ends": LAST_WEEK}, LAST_WEEK)],
)
def test_a_carer_who_retires_parts_from_whoever_lives_there(home, ann, more, day) -> None:
    Placement.objects.create(person=ann, household=home, starts=BEGAN)
    carer(home, **more)
    carer(home, "C-2")
    assert ended() == [("C-1", Why.LEFT.name, day)]


def test_a_death_ends_it(home, ann) -> None:
    carer(home)
    Placement.objects.create(person=ann, household=home, starts=BEGAN)
    ann.died_on = LAST_WEEK
    ann.save()
    assert ended() == [("C-1", "PLACEMENT", LAST_WEEK)]


def test_a_carer_who_moves_away_or_stops_standing_in_parts_from_them(home, ann) -> None:
    other = Household.objects.create(code="H-2")
    Placement.objects.create(person=ann, household=home, starts=BEGAN)
    moved, stands_in = carer(home), carer(other, "C-2")
    moved.household, moved.household_from = other, TODAY - timedelta(days=3)
    moved.save()
    support = Support.objects.create(party=stands_in, household=home, starts=BEGAN)
    assert ended() == [("C-1", "PLACEMENT", TODAY - timedelta(days=4))]
    support.ends = YESTERDAY
    support.save()
    assert [code for code, _, _ in ended()] == ["C-1", "C-2"]


def test_who_never_lived_there_at_the_same_time_has_nothing_to_give_back(home, ann) -> None:
    Placement.objects.create(person=ann, household=home, starts=BEGAN, ends=date(2024, 1, 1))
    carer(home, household_from=date(2025, 1, 1), approved_to=YESTERDAY)
    assert ended() == []


def test_what_the_page_needs_of_carer_person_and_officer(home, ann) -> None:
    cara = carer(home)
    cara.email, cara.email_from = "new@carers.example", LAST_WEEK
    cara.save()
    officer = Party.objects.create(code="O-1", kind=PartyKind.OFFICER.value, name="Olu", email="olu@council.example")
    ann.officer = officer
    ann.save()
    found = leaving.parties("C-1", "p-ann", TODAY)
    assert found is not None
    assert (found.person, found.council_id, found.officer) == ("Ann Lee", "SL-1", "olu@council.example")
    assert (found.email, found.addresses) == ("new@carers.example", {"new@carers.example", "c-1@carers.example"})
    officer.ends = YESTERDAY
    officer.save()
    gone = leaving.parties("C-1", "p-ann", TODAY)
    assert gone is not None
    assert gone.officer == ""
    assert leaving.parties("C-9", "p-ann", TODAY) is None
    assert leaving.parties("C-1", "p-ben", TODAY) is None
