"""Open requests come into the weekly reminder, for the office alone, while they are due."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cli.access.due import requests_due
from domain.access_request import Wanted
from domain.due import Matter, Stage, digests
from gateway.digest import Digest
from register.models import Person
from vault.acting import Acting
from vault.export import cases

pytestmark = pytest.mark.usefixtures("database")
OFFICE = "office@council.example"


def told(now: datetime) -> dict[str, str]:
    digest = Digest("Shared Lives", OFFICE, "", "relay.example")
    planned = digests(requests_due(now), now, OFFICE, ["team@council.example"])
    return {to: digest.text(dues) for to, dues in planned.items()}


def test_the_office_is_told_of_a_request_by_its_council_id_and_case() -> None:
    """Due within a month, then overdue; never while the person is awaited, and no more once it is answered."""
    person = Person.objects.create(council_id="SL-00001")
    acting = Acting("cli:clerk", datetime(2026, 4, 1, 9, tzinfo=UTC))
    case = cases.open_case(person.ref, date(2026, 3, 2), acting)
    soon = told(datetime(2026, 3, 20, 9, tzinfo=UTC))
    assert list(soon) == [OFFICE]
    assert f"Answer the subject access request about SL-00001 ({case.code}): by 02 April 2026" in soon[OFFICE]
    (due,) = requests_due(datetime(2026, 4, 3, 9, tzinfo=UTC))
    assert (due.matter, due.stage(datetime(2026, 4, 3, 9, tzinfo=UTC))) == (Matter.ACCESS, Stage.OVERDUE)
    cases.ask(case, Wanted.CLARIFICATION, date(2026, 4, 1), acting)
    assert told(datetime(2026, 6, 1, 9, tzinfo=UTC)) == {}
    cases.answer(case, date(2026, 4, 1), acting)
    cases.finish(case, date(2026, 4, 1), "sent", acting)
    assert told(datetime(2026, 6, 1, 9, tzinfo=UTC)) == {}
