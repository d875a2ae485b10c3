"""By which network the tries of a caller are counted."""

from __future__ import annotations

from ipaddress import ip_network
from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from web.pickup import door


@pytest.mark.parametrize(
    ("caller", "told", "peer"),
    [
        ("192.0.2.7", "203.0.113.9", "192.0.2.7"),
        ("10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("10.1.2.3", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("::ffff:10.1.2.3", "203.0.113.9", "203.0.113.9"),
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
        ("10.1.2.3", "nonsense", "unknown"),
    ],
)
def test_nobody_chooses_their_own_network_and_the_old_internet_is_not_one(
    caller: str, told: str, peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A socket for both kinds writes every IPv4 address into one and the same IPv6 network."""
    monkeypatch.setattr(door, "parts", lambda: SimpleNamespace(proxies=(ip_network("10.0.0.0/8"),)))
    headers = {"X-Forwarded-For": told} if told else {}
    assert door.peer(RequestFactory().get("/", headers=headers, REMOTE_ADDR=caller)) == peer
