"""One of a partner's servers for which the resolver has no answer, or no secure one, leaves its place to the next."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from domain.errors import NextHopUnavailable
from gateway.clock import SystemClock
from gateway.partners.dane import Tlsa
from gateway.partners.dns import Resolver, Servers
from gateway.partners.finding import Finder
from gateway.partners.sts import Policies
from gateway.smtp.route import Route, Security, TlsFailed

RECORD = Tlsa(3, 1, 1, bytes(32))


class Names:
    """A resolver that knows two servers; each fault is of one kind of question about one of them."""

    def __init__(self, *, lost: str = "", insecure: str = "", none: str = "") -> None:
        self.lost, self.insecure, self.none = lost, insecure, none

    def servers(self, domain: str) -> Servers:
        return Servers((f"one.{domain}", f"two.{domain}"), secure=True)

    def addresses(self, host: str) -> tuple[tuple[str, ...], bool]:
        if self.lost == f"address of {host}":
            raise NextHopUnavailable("dns")
        return ("127.0.0.1",), self.insecure != host

    def tlsa(self, host: str, _port: int) -> tuple[Tlsa, ...]:
        if self.lost == f"record of {host}":
            raise NextHopUnavailable("dns")
        return () if self.none == host else (RECORD,)


def hosts(names: Names, security: Security) -> list[str]:
    resolver = cast("Resolver", names)
    finder = Finder(resolver, Policies(resolver, Path("nowhere")), SystemClock())
    return [t.host for t in finder.targets(Route(("*",), "", security=security), "x.example")]


@pytest.mark.parametrize("security", [Security.REQUIRED, Security.DANE])
def test_a_server_whose_address_is_not_answered_is_passed_over(security: Security) -> None:
    assert hosts(Names(lost="address of one.x.example"), security) == ["two.x.example"]


@pytest.mark.parametrize(
    "names", [Names(lost="record of one.x.example"), Names(insecure="one.x.example"), Names(none="one.x.example")]
)
def test_by_dane_only_proven_servers_are_tried(names: Names) -> None:
    """No answer, an address that nobody vouches for, and no record: that server gets nothing."""
    assert hosts(names, Security.DANE) == ["two.x.example"]


def test_where_it_cannot_be_known_whether_there_are_records_it_is_said_so() -> None:
    """Not the same as a domain without DANE."""

    class Lost(Names):
        def tlsa(self, host: str, _port: int) -> tuple[Tlsa, ...]:
            raise NextHopUnavailable("dns")

    for names, result in ((Lost(), "dnssec-invalid"), (NoRecords(), "dane-required")):
        with pytest.raises(TlsFailed) as caught:
            hosts(names, Security.DANE)
        assert caught.value.result == result


class NoRecords(Names):
    """A domain without DANE."""

    def tlsa(self, host: str, _port: int) -> tuple[Tlsa, ...]:
        return ()
