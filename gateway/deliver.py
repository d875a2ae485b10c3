"""Step 9, the adapter: hand mail to the next hop over kept connections (RFC 5321).

Only the types of ``domain/outgoing.py`` are taken, so plaintext cannot leave by mistake. Each
recipient gets the hop's own answer; a line lost after the content was sent is code 0, never a
second try from here: the journal and the sending server see to that. Where TLS is required and
cannot be had, nothing is sent. Passwords go over verified TLS alone. What the hop says and how long
it takes is bounded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from time import monotonic

from domain.errors import ConfigurationError, NextHopUnavailable, ProtectionFailed
from domain.model import Address, folded
from domain.outgoing import HopReply, Notice, Outgoing, Relayed
from domain.reports import Notify, written
from gateway.arc import ArcSealer
from gateway.mime.fields import header_end, without_bcc
from gateway.smtp.content import Unsendable
from gateway.smtp.hop import LOST, Hop, Lost, Reply
from gateway.smtp.route import Published, Route, Security, TlsFailed

__all__ = ["Handshake", "Route", "Security", "SmtpNextHop", "TakesNoMail"]

_DOMAINS = 1000
"""Whose routes are kept in mind."""
_NO_UTF8 = Reply(553, "5.6.7 The next mail system does not take such addresses")
_NO_UTF8_HEADER = Reply(550, "5.6.7 The next mail system does not take such header fields")
_NO_8BIT = Reply(554, "5.6.3 The next mail system does not take 8-bit content")
_UNSENDABLE = Reply(550, "5.6.0 The message holds a bare CR or LF, or a NUL")
_BAD_ADDRESS = Reply(553, "5.1.3 The address cannot be written in SMTP")
_NOT_REACHED = Reply(0, "the next mail system cannot be reached")
_NO_MAIL = Reply(556, "5.1.10 The domain takes no mail")


class TakesNoMail(Exception):
    """The domain says so (RFC 7505)."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """What TLS to one server came to: ``domain``: the recipients' or the route's; ``result`` empty: secured."""

    domain: str
    host: str
    published: Published
    security: Security
    result: str = ""


Find = Callable[[Route, str], Iterable[Route]]
"""The servers that may have a domain's mail by this route. Raises ``NextHopUnavailable`` or ``TakesNoMail``."""


def _itself(route: Route, _domain: str) -> Iterable[Route]:
    return (route,)


def _unseen(_handshake: Handshake) -> None:
    return None


class SmtpNextHop:
    """Implements ``NextHop`` by SMTP or LMTP. Thread-safe."""

    def __init__(
        self,
        routes: Sequence[Route],
        hostname: str,
        *,
        timeout: float = 60.0,
        patience: float = 450.0,
        max_idle: float = 60.0,
        max_kept: int = 16,
        max_uses: int = 200,
        find: Find = _itself,
        sign: Callable[[bytes], bytes] | None = None,
        sealer: ArcSealer | None = None,
        seen: Callable[[Handshake], None] = _unseen,
    ) -> None:
        """``timeout`` in seconds for each step; ``patience`` for one delivery, whatever the hop does: under a lease.

        A kept connection is used again within ``max_idle`` seconds. ``find`` looks for the servers of domains whose
        route names none; ``seen`` is told of every handshake. ``sign`` gives the field that signs what is ours (DKIM);
        ``sealer`` seals what came signed (ARC).

        Raises ``ConfigurationError`` if some domain would have no route, or a CA file cannot be used.
        """
        self._routes = [(folded(pattern), route) for route in routes for pattern in route.domains]
        if "*" not in dict(self._routes):
            raise ConfigurationError("no default route", public="A next hop for the domains '*' is needed.")
        for route in routes:
            route.context()
        self._hostname, self._timeout, self._patience = hostname, timeout, patience
        self._pool = _Pool(max_idle, max_kept, max_uses)
        self._find, self._seen, self._signer, self._sealer = find, seen, sign, sealer
        self._route_to = lru_cache(_DOMAINS)(self._longest)

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        """See the port. After ``patience`` whatever is not answered is lost."""
        deadline = monotonic() + self._patience
        outgoing = self._signed(outgoing)
        replies: dict[Address, Reply] = {}
        failures: list[NextHopUnavailable] = []
        for (route, domain), recipients in self._by_route(outgoing.recipients).items():
            try:
                replies |= self._to_domain(route, domain, outgoing, recipients, deadline)
            except TakesNoMail:
                replies |= dict.fromkeys(recipients, _NO_MAIL)
            except NextHopUnavailable as error:
                failures.append(error)
                replies |= dict.fromkeys(recipients, _NOT_REACHED)
        if failures and all(reply is _NOT_REACHED for reply in replies.values()):
            raise failures[0]
        return tuple(HopReply(r, *replies[r]) for r in outgoing.recipients)

    def _signed(self, outgoing: Outgoing) -> Outgoing:
        """With our domain's signature (RFC 6376) where the words are ours or changed; what is not stays as it came.

        What came with a valid signature, and is changed, has a seal besides (RFC 8617).
        """
        if isinstance(outgoing, Relayed):
            if self._sealer is not None:
                outgoing = replace(outgoing, content=self._sealer.cleaned(outgoing.content))
            if not outgoing.changed:
                return outgoing
        if self._signer is None and not outgoing.arrived:
            return outgoing
        content = b"".join(without_bcc(outgoing.content))
        try:
            signature = self._signer(content) if self._signer else b""
        except ProtectionFailed as error:
            raise NextHopUnavailable("the mail could not be signed") from error
        seal = self._sealer.seal(signature + content, outgoing.arrived) if self._sealer else b""
        return replace(outgoing, trace=outgoing.trace + seal + (outgoing.arrived if seal else b"") + signature)

    def close(self) -> None:
        """Say goodbye on all kept connections."""
        self._pool.close()

    def route_for(self, address: Address) -> Route:
        """The route with the longest pattern that fits."""
        return self._route_to(address.domain)

    def _longest(self, domain: str) -> Route:
        fitting = [(len(pattern), route) for pattern, route in self._routes if _fits(pattern, domain)]
        return max(fitting, key=lambda pair: pair[0])[1]

    def _by_route(self, recipients: Sequence[Address]) -> dict[tuple[Route, str], list[Address]]:
        """By the server that the route names, or else by the domain whose servers are to be found."""
        groups: dict[tuple[Route, str], list[Address]] = {}
        for recipient in recipients:
            route = self.route_for(recipient)
            groups.setdefault((route, "" if route.host else recipient.domain), []).append(recipient)
        return groups

    def _to_domain(
        self, route: Route, domain: str, outgoing: Outgoing, recipients: list[Address], deadline: float
    ) -> dict[Address, Reply]:
        """To the first server that answers as it must (RFC 5321 section 5.1)."""
        failure = NextHopUnavailable("the domain's mail servers have no address")
        try:
            for target in self._find(route, domain):
                try:
                    return self._hand_over(target, domain, outgoing, recipients, deadline)
                except NextHopUnavailable as error:
                    failure = error
        except TlsFailed as error:  # no server is good enough to be tried
            self._note(route, domain, error.published, error.result)
            raise
        raise failure

    def _note(self, route: Route, domain: str, published: Published, result: str = "") -> None:
        named = domain or next((d for d in route.domains if d != "*"), route.host)
        self._seen(Handshake(folded(named), route.host, published, route.security, result))

    def _open(self, route: Route, domain: str, deadline: float) -> Hop:
        try:
            hop = Hop(route, self._hostname, self._timeout, deadline)
        except TlsFailed as error:
            self._note(route, domain, error.published, error.result)
            raise
        if hop.secured:
            self._note(route, domain, route.published)
        return hop

    def _hand_over(
        self, route: Route, domain: str, outgoing: Outgoing, recipients: list[Address], deadline: float
    ) -> dict[Address, Reply]:
        kept = self._pool.take(route)
        if kept is not None:
            try:
                return self._send(route, kept, outgoing, recipients, deadline)
            except Lost as lost:
                if lost.begun:
                    return dict.fromkeys(recipients, LOST)
                # The hop had closed a kept connection; nothing was sent, so a fresh one may try.
        fresh = self._open(route, domain, deadline)
        try:
            return self._send(route, fresh, outgoing, recipients, deadline)
        except Lost:
            return dict.fromkeys(recipients, LOST)

    def _send(
        self, route: Route, hop: Hop, outgoing: Outgoing, recipients: list[Address], deadline: float
    ) -> dict[Address, Reply]:
        letter = _Letter(outgoing, hop)
        replies = {r: refusal for r in recipients if (refusal := letter.refusal(r)) is not None}
        wanted = [r for r in recipients if r not in replies]
        if wanted:
            commands = [letter.rcpt(r) for r in wanted]
            try:
                answers = hop.transact(letter.mail(wanted), commands, letter.pieces(), deadline)
            except Unsendable:
                answers = [_UNSENDABLE] * len(wanted)
            silent = not hop.offers("dsn")
            replies |= {r: answer._replace(silent=silent) for r, answer in zip(wanted, answers, strict=True)}
        self._pool.give(route, hop)
        return replies


def _fits(pattern: str, domain: str) -> bool:
    if pattern.startswith("."):
        return domain == pattern[1:] or domain.endswith(pattern)
    return pattern in {"*", domain}


class _Letter:
    """One outgoing message as a given hop can take it."""

    def __init__(self, outgoing: Outgoing, hop: Hop) -> None:
        self._outgoing, self._hop = outgoing, hop
        self._eight_bit = not outgoing.content.isascii()
        self._international_header = (
            "SMTPUTF8" in outgoing.options and self._eight_bit and _header_beyond_ascii(outgoing.content)
        )

    def refusal(self, recipient: Address) -> Reply | None:
        """What the hop need not even be asked (RFC 6152 section 3, RFC 6531 section 3.2)."""
        sender = self._outgoing.sender.text
        if not (_writable(sender) and _writable(recipient.text)):
            return _BAD_ADDRESS
        if not self._hop.offers("smtputf8"):
            if not (sender.isascii() and recipient.text.isascii()):
                return _NO_UTF8
            if self._international_header:
                return _NO_UTF8_HEADER
        return _NO_8BIT if self._eight_bit and not self._hop.offers("8bitmime") else None

    def mail(self, recipients: Sequence[Address]) -> bytes:
        """The MAIL command with the parameters that the hop knows."""
        words = [f"MAIL FROM:<{self._outgoing.sender.text}>"]
        if self._hop.offers("size"):
            words.append(f"SIZE={len(self._outgoing.trace) + len(self._outgoing.content)}")
        if self._eight_bit:
            words.append("BODY=8BITMIME")
        addresses = (self._outgoing.sender, *recipients)
        if self._international_header or not all(a.text.isascii() for a in addresses):
            words.append("SMTPUTF8")
        reports = self._outgoing.reports
        if self._hop.offers("dsn"):
            words += [f"RET={reports.ret}"] if reports.ret else []
            words += [f"ENVID={reports.envid}"] if reports.envid else []
        return " ".join(words).encode()

    def rcpt(self, recipient: Address) -> bytes:
        """The RCPT command, with what the sender asked about reports (RFC 3461 section 5.2.1). Our own ask for none."""
        words = [f"RCPT TO:<{recipient.text}>"]
        if self._hop.offers("dsn"):
            asked = self._outgoing.reports.of(recipient.key)
            notify = {Notify.NEVER} if isinstance(self._outgoing, Notice) else asked.notify
            words += [f"NOTIFY={written(notify)}"] if notify else []
            words += [f"ORCPT={asked.original}"] if asked.original.isascii() and asked.original else []
        return " ".join(words).encode()

    def pieces(self) -> list[memoryview]:
        """Trace fields and content without Bcc, not copied."""
        return [memoryview(self._outgoing.trace), *without_bcc(self._outgoing.content)]


def _header_beyond_ascii(content: bytes) -> bool:
    return not content[: header_end(content)].isascii()


def _writable(address: str) -> bool:
    return address.isprintable() and "<" not in address and ">" not in address


class _Pool:
    """Kept connections, the freshest first."""

    def __init__(self, max_idle: float, max_kept: int, max_uses: int) -> None:
        self._max_idle, self._max_kept, self._max_uses = max_idle, max_kept, max_uses
        self._kept: dict[Route, list[Hop]] = {}
        self._lock = threading.Lock()

    def take(self, route: Route) -> Hop | None:
        """One that seems alive, or None."""
        while True:
            with self._lock:
                kept = self._kept.get(route)
                hop = kept.pop() if kept else None
            if hop is None or (monotonic() - hop.used < self._max_idle and not hop.stale()):
                return hop
            hop.close()

    def give(self, route: Route, hop: Hop) -> None:
        """Keep it for the next, if it is worth keeping."""
        with self._lock:
            kept = self._kept.setdefault(route, [])
            keep = hop.open and hop.uses < self._max_uses and len(kept) < self._max_kept
            if keep:
                kept.append(hop)
        if not keep and hop.open:
            hop.quit()

    def close(self) -> None:
        """Empty it."""
        with self._lock:
            hops = [hop for kept in self._kept.values() for hop in kept]
            self._kept.clear()
        for hop in hops:
            hop.quit()
