"""Guessing at passwords is counted by address, in each process and for all of them together."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta

import pytest

from domain.errors import VaultUnavailable
from gateway.smtp import guesses as module
from gateway.smtp.guesses import Guesses
from tests.fakes import NOW
from vault import guesses as rows
from vault.guesses import RowTally
from vault.models import LoginFailure

SECOND = timedelta(seconds=1)
REST = timedelta(seconds=100)
PEER = "192.0.2.1"


def failures(guesses: Guesses, peer: str, *seconds: int) -> None:
    for after in seconds:
        asyncio.run(guesses.failed(peer, NOW + after * SECOND))


def too_many(guesses: Guesses, peer: str, after: int = 1) -> bool:
    return asyncio.run(guesses.too_many(peer, NOW + after * SECOND))


class Here:
    """Another process's count, in this one's memory. ``asked`` is what it was asked and told."""

    def __init__(self, count: int = 0, error: Exception | None = None) -> None:
        self.count, self.error, self.asked = count, error, list[str]()
        self.waits = threading.Event()
        self.waits.set()

    def failures(self, origin: str, since: datetime) -> int:
        return self._answer(f"{origin} since {since:%S}")

    def failed(self, origin: str, now: datetime, since: datetime) -> None:
        self._answer(f"{origin} at {now:%S} since {since:%S}")

    def _answer(self, words: str) -> int:
        self.asked.append(words)
        self.waits.wait(10)
        if self.error is not None:
            raise self.error
        return self.count


def test_an_address_waits_after_too_many_and_starts_anew_after_its_rest() -> None:
    """And nobody else waits."""
    guesses = Guesses(most=3, rest=REST)
    failures(guesses, PEER, 0, 1)
    assert not too_many(guesses, PEER, 2)
    failures(guesses, PEER, 50)
    assert too_many(guesses, PEER, 149)
    assert not too_many(guesses, "192.0.2.2", 149)
    assert not too_many(guesses, PEER, 150)
    failures(guesses, PEER, 151, 152)
    assert not too_many(guesses, PEER, 153)


@pytest.mark.parametrize(
    ("peer", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::ffff:192.0.2.1", PEER, True),
        (PEER, "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_one_customer_is_one_address(peer: str, other: str, *, same: bool) -> None:
    """An IPv6 network is one customer's; IPv4 may be written as IPv6; a socket without a name is one, too."""
    guesses = Guesses(most=1)
    failures(guesses, peer, 0)
    assert too_many(guesses, other) is same


def test_very_many_addresses_cost_no_more_memory() -> None:
    """The oldest is forgotten."""
    guesses = Guesses(most=1, remember=2)
    for number in range(3):
        failures(guesses, f"192.0.2.{number}", 0)
    assert [too_many(guesses, f"192.0.2.{number}") for number in range(3)] == [False, True, True]


def test_what_others_counted_counts_here() -> None:
    """They are told of each failure, and not asked about an address that waits here already."""
    others = Here(count=2)
    guesses = Guesses(others, most=3, rest=REST)
    assert not too_many(guesses, PEER)
    failures(guesses, PEER, 5)
    others.count = 3
    assert too_many(guesses, PEER, 6)
    failures(guesses, PEER, 7, 8)
    others.asked.clear()
    assert too_many(guesses, PEER, 9)
    assert others.asked == []
    guesses.close()


@pytest.mark.parametrize("error", [VaultUnavailable("away"), None], ids=["away", "silent"])
def test_without_the_others_each_process_counts_alone(error: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is refused because the database is away, and nobody waits for long because it is silent."""
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    others = Here(count=99, error=error)
    if error is None:
        others.waits.clear()
    guesses = Guesses(others, most=2)
    assert not too_many(guesses, PEER)
    failures(guesses, PEER, 1, 2)
    assert too_many(guesses, PEER, 3)
    others.waits.set()
    guesses.close()


@pytest.mark.usefixtures("database")
def test_rows_count_for_all_until_the_rest_is_over() -> None:
    """Each address its own; after its rest it starts anew; a day later it is forgotten."""
    tally = RowTally()
    for after in (0, 1, 2):
        tally.failed(PEER, NOW + after * SECOND, NOW + after * SECOND - REST)
    tally.failed("2001:db8::/64", NOW, NOW - REST)
    assert [tally.failures(o, NOW + 3 * SECOND - REST) for o in (PEER, "2001:db8::/64", "192.0.2.2")] == [3, 1, 0]
    assert tally.failures(PEER, NOW + 2 * SECOND) == 0
    tally.failed(PEER, NOW + 2 * REST, NOW + REST)
    assert tally.failures(PEER, NOW + REST) == 1
    rows.forget(NOW + timedelta(days=1, seconds=1))
    assert list(LoginFailure.objects.values_list("origin", flat=True)) == [PEER]
