"""What the register gives the guard to compare an address with: mailboxes near it in length, organisations' domains."""

from __future__ import annotations

from datetime import date

import pytest

from domain.guard import Acquaintance
from domain.model import Address
from domain.permission import PartyKind
from gateway.clock import SystemClock
from gateway.correspondents import DatabaseCorrespondents
from register.addresses import near
from register.models import Organisation, Party
from tests.build import OFFICER

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2026, 11, 30)


def party(code: str, email: str, **more: object) -> None:
    Party.objects.create(code=code, kind=PartyKind.PROFESSIONAL.value, name=code, email=email, **more)


def test_mailboxes_near_in_length_that_are_in_use_and_all_domains() -> None:
    party("P-1", "gp@surgery.example")
    party("P-2", "a.very.long.name@surgery.example")
    party("P-3", "dr@surgery.example", ends=date(2026, 11, 29))
    party("P-4", "np@surgery.example", ends=TODAY)
    Organisation.objects.create(code="O-1", name="Surgery", domain="surgery.example")
    Organisation.objects.create(code="O-2", name="Without")
    mailboxes, domains = near([Address.of("gp@surgrey.example")], TODAY)
    assert mailboxes == {"gp@surgery.example", "np@surgery.example"}
    assert domains == {"surgery.example"}
    mailboxes, _ = near([Address.of("gp@surgery.example"), Address.of("a.very.long.name@surgrey.example")], TODAY)
    assert len(mailboxes) == 3


def test_the_councils_own_domains_are_known_too() -> None:
    """So that a colleague's mistyped address is found out."""
    party("P-1", "gp@surgery.example")
    known = DatabaseCorrespondents(frozenset({"council.example"}), SystemClock())
    found = known.known(OFFICER, [Address.of("gp@surgrey.example")])
    assert found == Acquaintance((), frozenset({"gp@surgery.example"}), frozenset({"council.example"}))
