"""Held mail as it would be decided now: only for whom it was decided before, since whom it is about hangs on them."""

from __future__ import annotations

import pytest

from gateway.held_now import Asked
from tests import build
from tests.build import CARER, OFFICER, RULES
from tests.fakes import NOW, FakeRegister
from vault import recorded

pytestmark = pytest.mark.usefixtures("database")


def test_of_a_recipient_whom_a_reviewer_added_nothing_is_said() -> None:
    """It said "could leave now", and a release held it again: somebody whom only that recipient knows was named."""
    record = "R" * 26
    recorded.keep(record, build.facts(CARER), NOW)
    asked = Asked(RULES, FakeRegister(known=build.facts(CARER).circle), ())
    found = asked.look([(record, CARER), (record, OFFICER), ("S" * 26, CARER)], NOW)
    assert set(found) == {(record, CARER)}
    assert found[record, CARER].recipient == CARER
