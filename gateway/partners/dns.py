"""Asks the resolver that the settings name: mail servers, addresses, TLSA and TXT records.

Input: answers from strangers, by a resolver that may validate them (DNSSEC). Failure: ``NextHopUnavailable`` whenever
there is no answer; only a proven absence is an empty answer. "Secure" is the resolver's word (the AD bit, RFC 4035
section 3.2.3), believed only where the settings say that it and the way to it are trusted (RFC 7672 section 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.name
import dns.rdatatype
import dns.resolver

from domain.errors import NextHopUnavailable
from gateway.partners.dane import Tlsa

_UDP_OCTETS = 1232
_MOST_ADDRESSES = 2
"""Of one mail server: further ones are its other names for the same silence."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Mail servers in the order of preference, lower case. ``none``: the domain takes no mail (RFC 7505)."""

    hosts: tuple[str, ...]
    secure: bool
    none: bool = False


class Resolver:
    """``address`` empty: the system's resolvers. ``trusted``: its word on DNSSEC is believed."""

    def __init__(self, address: str = "", port: int = 53, *, trusted: bool = False, seconds: float = 5.0) -> None:
        self._resolver = dns.resolver.Resolver(configure=not address)
        if address:
            self._resolver.nameservers = [address]
            self._resolver.port = port
        self._resolver.lifetime = seconds
        self._resolver.flags = dns.flags.RD | dns.flags.AD
        self._resolver.use_edns(0, dns.flags.DO, _UDP_OCTETS)
        self._trusted = trusted

    def servers(self, domain: str) -> Servers:
        """By MX records; without any, the domain itself (RFC 5321 section 5.1)."""
        answer, secure = self._ask(domain, "MX")
        found = sorted((r.preference, r.exchange) for r in answer)
        if not found:
            return Servers((domain,), secure)
        if [host for _, host in found] == [dns.name.root]:
            return Servers((), secure, none=True)
        return Servers(tuple(_text(host) for _, host in found if host != dns.name.root), secure)

    def addresses(self, host: str) -> tuple[tuple[str, ...], bool]:
        """The first few, of version 4 before 6; and whether all that was asked for is secure."""
        found, secure = [], True
        for kind in ("A", "AAAA"):
            answer, safe = self._ask(host, kind)
            found += [r.address for r in answer]
            secure = secure and safe
        return tuple(found[:_MOST_ADDRESSES]), secure

    def tlsa(self, host: str, port: int) -> tuple[Tlsa, ...]:
        """Those for the port; none where they are not secure, which is the same as none (RFC 7672 section 2.2)."""
        answer, secure = self._ask(f"_{port}._tcp.{host}", "TLSA")
        return tuple(Tlsa(r.usage, r.selector, r.mtype, bytes(r.cert)) for r in answer) if secure else ()

    def texts(self, name: str) -> tuple[str, ...]:
        """TXT records, each as one."""
        answer, _ = self._ask(name, "TXT")
        return tuple(b"".join(r.strings).decode("utf-8", "replace") for r in answer)

    def _ask(self, name: str, kind: str) -> tuple[list, bool]:  # type: ignore[type-arg] # records of many kinds
        """The records, and whether the resolver vouches for them, or for there being none."""
        try:
            answer = self._resolver.resolve(f"{name}.", kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN as error:
            replies = error.responses().values()  # type: ignore[no-untyped-call]
            return [], self._trusted and all(r.flags & dns.flags.AD for r in replies)
        except (dns.exception.DNSException, ValueError, OSError) as error:
            raise NextHopUnavailable("dns", kind=type(error).__name__, record=kind) from error
        secure = self._trusted and bool(answer.response.flags & dns.flags.AD)
        return list(answer.rrset or ()), secure


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
