"""What protects a mail, hands it on, and tells its sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.decision import Decision, Method
from domain.model import Address, Envelope, Message
from domain.outgoing import HopReply, Notice, Outgoing, ProtectedMessage
from domain.ports.asking import StoredKey
from domain.ports.keeping import Release


@dataclass(frozen=True, slots=True)
class KeyVerdict:
    """Whether a certificate may be encrypted to now. ``reason`` says why not: "it expired on 1 May 2026"."""

    key: StoredKey
    usable: bool
    reason: str = ""
    expires_at: datetime | None = None


class Protector(Protocol):
    """Step 7: one way of protecting. Stateless but for the service's own signing key."""

    @property
    def method(self) -> Method:
        """Which."""
        ...

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:
        """The gate before every use: expiry, revocation, bindings, strength. Never raises on a hostile key."""
        ...

    def protect(
        self,
        message: Message,
        envelope: Envelope,
        recipient: Address,
        keys: Sequence[StoredKey],
        subject: str,
        now: datetime,
    ) -> ProtectedMessage:
        """Sign, then encrypt to every one of ``keys``, which have passed ``examine``.

        ``subject`` is the real subject for inside (tags removed). Bcc is left out (RFC 5322 section 3.6.3).
        Raises ``UnusableKey`` or ``ProtectionFailed``; never returns anything readable by others.
        """
        ...


class NextHop(Protocol):
    """Step 9. Hands over to the mail system after us."""

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        """One reply a recipient; a lost line is code 0. Raises ``NextHopUnavailable`` if nothing was begun."""
        ...


class Notices(Protocol):
    """Writes what officers are told."""

    def compose(
        self,
        message: Message,
        envelope: Envelope,
        decisions: Sequence[Decision],
        refusals: Sequence[HopReply],
        now: datetime,
        relayed: Sequence[HopReply] = (),
    ) -> Notice:
        """One notice to the sender for all recipients that were held or refused, or handed on and asked about."""
        ...

    def compose_releases(
        self, message: Message, envelope: Envelope, releases: Sequence[Release], now: datetime
    ) -> tuple[Notice, ...]:
        """One notice to each of the management team for all urgent releases of a mail."""
        ...
