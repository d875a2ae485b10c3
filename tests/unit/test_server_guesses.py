"""Guessing at passwords is counted by address."""

from __future__ import annotations

import pytest

from gateway.smtp.guesses import Guesses


def failures(guesses: Guesses, peer: str, times: list[float]) -> None:
    for now in times:
        guesses.failed(peer, now)


def test_an_address_waits_after_too_many_and_starts_anew_after_its_rest() -> None:
    """And nobody else waits."""
    guesses = Guesses(most=3, rest=100)
    failures(guesses, "192.0.2.1", [0, 1])
    assert not guesses.too_many("192.0.2.1", 2)
    failures(guesses, "192.0.2.1", [50])
    assert guesses.too_many("192.0.2.1", 149)
    assert not guesses.too_many("192.0.2.2", 149)
    assert not guesses.too_many("192.0.2.1", 150)
    failures(guesses, "192.0.2.1", [151, 152])
    assert not guesses.too_many("192.0.2.1", 153)


@pytest.mark.parametrize(
    ("peer", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("", "", True),
    ],
)
def test_one_customer_is_one_address(peer: str, other: str, *, same: bool) -> None:
    """An IPv6 network is one customer's; IPv4 may be written as IPv6; a socket without a name is one, too."""
    guesses = Guesses(most=1)
    guesses.failed(peer, 0)
    assert guesses.too_many(other, 1) is same


def test_very_many_addresses_cost_no_more_memory() -> None:
    """The oldest is forgotten."""
    guesses = Guesses(most=1, remember=2)
    for number in range(3):
        guesses.failed(f"192.0.2.{number}", 0)
    assert [guesses.too_many(f"192.0.2.{number}", 1) for number in range(3)] == [False, True, True]
