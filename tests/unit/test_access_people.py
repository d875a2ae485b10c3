"""Whom the register knows besides the person that asks."""

from __future__ import annotations

import pytest

from cli.access.people import others, sought
from register.models import Person
from vault.export.third_parties import ThirdParties

pytestmark = pytest.mark.usefixtures("database")


def test_the_council_ids_of_others_are_suggested_and_the_own_is_not() -> None:
    """A council ID names somebody to whoever has another letter with it, however it is written."""
    ann = Person.objects.create(council_id="SL-00001")
    Person.objects.create(council_id="SL-00002")
    finder = ThirdParties(others(ann.ref), sought(ann.ref))
    found = finder.suggest(["SL-00001 and SL-00002: agreement", "sl 00002 again"])
    assert [(s.text, s.why, s.times) for s in found] == [("SL-00002", "council ID of another person", 2)]
