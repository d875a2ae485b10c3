"""Whom the register knows besides the person that asks."""

from __future__ import annotations

from datetime import date

import pytest

from cli.access.people import others, sought
from register.models import Household, Party, Person, Placement, Support
from vault.export.third_parties import ThirdParties

pytestmark = pytest.mark.usefixtures("database")


def test_the_council_ids_of_others_are_suggested_and_the_own_is_not() -> None:
    """A council ID names somebody to whoever has another letter with it, however it is written."""
    ann = Person.objects.create(council_id="SL-00001")
    Person.objects.create(council_id="SL-00002")
    finder = ThirdParties(others(ann.ref), sought(ann.ref))
    found = finder.suggest(["SL-00001 and SL-00002: agreement", "sl 00002 again"])
    assert [(s.text, s.why, s.times) for s in found] == [("SL-00002", "council ID of another person", 2)]


def test_the_first_names_of_those_who_stand_in_at_home_are_suggested() -> None:
    """They turn up in the notes of every weekend; the same name of somebody far off does not count."""
    home, own = Household.objects.create(code="H-1"), Household.objects.create(code="H-2")
    ann = Person.objects.create(council_id="SL-00001")
    Placement.objects.create(person=ann, household=home, starts=date(2020, 1, 1))
    sid = Party.objects.create(code="C-1", kind="carer", name="Sid Ray", email="sid@carers.example", household=own)
    assert "Sid" not in {known.text for known in others(ann.ref)}
    Support.objects.create(party=sid, household=home, starts=date(2026, 1, 1))
    assert {"Sid", "Ray", "Sid Ray"} <= {known.text for known in others(ann.ref)}
