"""What the register gives the guard to compare an address with: mailboxes near it in length, organisations' domains."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.acquaintance import Acquaintance
from domain.model import Address
from domain.permission import PartyKind
from gateway import correspondents
from gateway.clock import SystemClock
from gateway.correspondents import DatabaseCorrespondents
from register.addresses import named, near
from register.models import Organisation, Party
from tests.build import NOW, OFFICER

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


def test_whose_mailbox_goes_by_a_name() -> None:
    """In any order and with more names; not who is gone, nor who bears a part of it."""
    for code, name, more in (
        ("P-1", "Dr Jane Brown", {}),
        ("P-2", "Brown, Jane Mary", {}),
        ("P-3", "Jane Brown", {"ends": date(2026, 11, 29)}),
        ("P-4", "Janet Browning", {}),
    ):
        Party.objects.create(
            code=code, kind=PartyKind.PROFESSIONAL.value, name=name, email=f"{code.lower()}@surgery.example", **more
        )
    jane, bob = ("jane", "brown"), ("bob", "hill")
    found = named([jane, bob, jane], TODAY)
    assert found == {jane: frozenset({"p-1@surgery.example", "p-2@surgery.example"}), bob: frozenset()}
    assert named([], TODAY) == {}


def test_a_harmless_mails_address_is_looked_at_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """For each officer by itself; never a colleague's, and never for whoever is not of the council."""
    known = DatabaseCorrespondents(frozenset({"council.example"}), SystemClock())
    gp, colleague, hour = Address.of("gp@surgery.example"), Address.of("c@council.example"), timedelta(hours=1)
    assert known.strange(OFFICER, [gp, colleague], NOW) == (gp,)
    known.familiar(OFFICER, [gp], NOW)
    assert known.strange(OFFICER, [gp], NOW + hour) == ()
    assert known.strange(colleague, [gp], NOW) == (gp,)
    assert known.strange(OFFICER, [gp], NOW + hour * 1.1) == (gp,)
    assert known.strange(Address.of("a@elsewhere.example"), [gp], NOW) == ()
    monkeypatch.setattr(correspondents, "_MOST", 2)
    known.familiar(OFFICER, [Address.of(f"{n}@x.example") for n in range(3)], NOW)
    assert len(known._familiar) == 2
