"""Who may be told what became of a mail."""

from __future__ import annotations

import pytest

from domain.model import NULL_SENDER, Address
from gateway.telling import Insiders
from register.lookup import DatabaseRegister
from register.models import Party
from tests.fakes import NOW

pytestmark = pytest.mark.usefixtures("database")
COUNCIL = frozenset({"council.example"})


@pytest.mark.parametrize(
    ("sender", "told"),
    [
        ("Anybody@Council.EXAMPLE", True),
        ("officer@agency.example", True),
        ("left@agency.example", False),
        ("nurse@agency.example", False),
        ("stranger@else.example", False),
        ("victim%else.example@council.example", False),
        ("x@sub.council.example", False),
    ],
)
def test_the_councils_people_are_told_and_nobody_else(sender: str, told: bool) -> None:
    """By domain, or as an officer in the register on that day; never by way of another mailbox."""
    for code, kind, name in (("1", "officer", "officer"), ("2", "officer", "left"), ("3", "professional", "nurse")):
        ended = NOW.date().replace(year=2020) if name == "left" else None
        Party.objects.create(code=code, kind=kind, name=name, email=f"{name}@agency.example", ends=ended)
    insiders = Insiders(COUNCIL, DatabaseRegister(COUNCIL))
    assert insiders(Address.of(sender), NOW) is told


def test_nobody_answers_a_report() -> None:
    """RFC 5321 section 4.5.5."""
    assert not Insiders(COUNCIL, DatabaseRegister(COUNCIL))(NULL_SENDER, NOW)
