"""Keys that came by mail, in the register: kept apart, bounded, and used only once somebody has said so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.decision import Method
from domain.model import Address
from domain.ports import StoredKey
from domain.seen_keys import KeySource, Standing
from register import models as m
from register import seeing
from register.acting import acting
from register.lookup import DatabaseRegister
from tests.support.protect_specimens import NOW

pytestmark = pytest.mark.usefixtures("database")
WHO = "carer@carers.example"
MINUTE = timedelta(minutes=1)


def key(fingerprint: str, method: Method = Method.OPENPGP) -> StoredKey:
    return StoredKey(method, fingerprint, fingerprint.encode())


def see(fingerprint: str, method: Method = Method.OPENPGP, minutes: int = 0) -> Standing:
    return seeing.see(WHO, key(fingerprint, method), KeySource.AUTOCRYPT, NOW + minutes * MINUTE)


def recorded(fingerprint: str) -> None:
    with acting("tests"):
        m.RecipientKey.objects.create(
            address=WHO, method=Method.OPENPGP.value, fingerprint=fingerprint, data=fingerprint.encode()
        )


def used() -> list[str]:
    who = Address.of(WHO)
    return [k.fingerprint for k in DatabaseRegister(()).keys([who])[who]]


def test_a_seen_key_is_used_for_nothing() -> None:
    """The pipeline asks for recorded ones."""
    assert see("A") is Standing.NEW
    assert see("A", minutes=1) is Standing.AGAIN
    assert used() == []
    row = m.SeenKey.objects.get()
    assert (row.first_at, row.last_at, row.changed) == (NOW, NOW + MINUTE, False)


def test_another_key_than_the_recorded_one_is_a_finding_and_changes_nothing() -> None:
    """It never takes its place; a key of the other kind is no change; the recorded one itself is not kept again."""
    recorded("A")
    assert see("A") is Standing.RECORDED
    assert see("S", Method.SMIME) is Standing.NEW
    assert see("B") is Standing.CHANGED
    assert used() == ["A"]
    assert [(row.fingerprint, row.changed) for row in seeing.waiting()] == [("B", True), ("S", False)]


def test_what_is_accepted_stands_beside_what_was_there() -> None:
    """In any case of letters; once."""
    recorded("A")
    see("B")
    kept = seeing.accept(WHO, "b")
    assert kept is not None
    assert bytes(kept.data) == b"B"
    assert used() == ["A", "B"]
    assert seeing.waiting() == []
    assert seeing.accept(WHO, "b") is None
    assert seeing.accept("other@carers.example", "A") is None


def test_what_is_dismissed_is_forgotten() -> None:
    """And may come again."""
    see("A")
    assert not seeing.dismiss("other@carers.example", "A")
    assert seeing.dismiss(WHO, "a")
    assert not seeing.dismiss(WHO, "A")
    assert see("A") is Standing.NEW


def test_nobody_fills_the_register_in_anothers_name() -> None:
    """Of an address the five that were seen last are kept."""
    for n in range(8):
        see(f"F{n}", minutes=n)
    assert sorted(m.SeenKey.objects.values_list("fingerprint", flat=True)) == [f"F{n}" for n in range(3, 8)]
    see("F3", minutes=9)
    see("F8", minutes=10)
    assert "F3" in m.SeenKey.objects.values_list("fingerprint", flat=True)


def test_only_whom_the_register_knows_is_known() -> None:
    """A mailbox, one of earlier, an organisation's domain, somebody with a key; no stranger."""
    assert not seeing.knows(WHO)
    assert not seeing.knows("")
    recorded("A")
    assert seeing.knows(WHO)
    with acting("tests"):
        m.Party.objects.create(code="P-1", kind="professional", name="Cara", email="cara@carers.example")
        m.Organisation.objects.create(code="ORG-1", name="Surgery", domain="surgery.example")
    assert seeing.knows("cara@carers.example")
    assert seeing.knows("gp@surgery.example")
    assert not seeing.knows("gp@other.example")
    assert not seeing.knows("gp@sub.surgery.example")
