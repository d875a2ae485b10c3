"""From a route and a domain to the servers that may have the mail, each with what must be proven of it.

A route that names its host is that host. One without is for a partner's own servers: found by DNS, and bound by what
the domain publishes where the settings ask for it. Asked for and not there means not sent (``TlsFailed``): RFC 8461 and
RFC 7672 would send all the same at first contact, but a partner is named in the settings because it must be so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from domain.errors import NextHopUnavailable
from domain.ports import Clock
from gateway.deliver import TakesNoMail
from gateway.partners.dns import Resolver, Servers
from gateway.partners.sts import NoPolicy, Policies
from gateway.smtp.route import NO_POLICY, Published, Route, Security, TlsFailed

_MOST_SERVERS = 5


class Finder:
    """Stateless but for the policies that were seen."""

    def __init__(self, resolver: Resolver, policies: Policies, clock: Clock) -> None:
        self._resolver, self._policies, self._clock = resolver, policies, clock

    def targets(self, route: Route, domain: str) -> Iterator[Route]:
        """In the order to be tried. Raises ``NextHopUnavailable`` where there is none, ``TakesNoMail``."""
        if route.host:
            yield route
            return
        servers = self._resolver.servers(domain)
        if servers.none:
            raise TakesNoMail
        if route.security is Security.DANE:
            yield from self._by_dane(route, servers)
        elif route.security is Security.MTA_STS:
            yield from self._by_policy(route, domain, servers)
        else:
            for host in servers.hosts[:_MOST_SERVERS]:
                yield from self._at(replace(route, host=host))

    def _by_policy(self, route: Route, domain: str, servers: Servers) -> Iterator[Route]:
        try:
            policy = self._policies.of(domain, self._clock.now())
        except NoPolicy as error:
            raise TlsFailed(error.result, NO_POLICY) from error
        published = Published("sts", policy.lines)
        if policy.mode == "none":
            raise TlsFailed("sts-policy-invalid", published)
        if policy.mode == "testing":
            for host in servers.hosts[:_MOST_SERVERS]:
                yield from self._at(replace(route, host=host, security=Security.REQUIRED, published=published))
            return
        allowed = [host for host in servers.hosts if policy.allows(host)]
        if not allowed:
            raise TlsFailed("validation-failure", published)
        for host in allowed[:_MOST_SERVERS]:
            yield from self._at(replace(route, host=host, security=Security.VERIFIED, published=published))

    def _by_dane(self, route: Route, servers: Servers) -> Iterator[Route]:
        if not servers.secure:
            raise TlsFailed("dnssec-invalid", NO_POLICY)
        found = unsure = False
        for host in servers.hosts[:_MOST_SERVERS]:
            try:
                records = tuple(r for r in self._resolver.tlsa(host, route.port) if r.usable)
            except NextHopUnavailable:  # no answer is not "no record": this server gets nothing, another may
                unsure = True
                continue
            if records:
                published = Published("tlsa", tuple(r.text() for r in records))
                targets = tuple(self._at(replace(route, host=host, tlsa=records, published=published)))
                found, unsure = found or bool(targets), unsure or not targets
                yield from targets
        if not found:
            raise TlsFailed("dnssec-invalid" if unsure else "dane-required", NO_POLICY)

    def _at(self, route: Route) -> Iterator[Route]:
        """The server's addresses. One without any, or by DANE without secure ones, is passed over for the next."""
        try:
            addresses, secure = self._resolver.addresses(route.host)
        except NextHopUnavailable:
            return
        if secure or not route.tlsa:
            yield from (replace(route, address=address) for address in addresses)
