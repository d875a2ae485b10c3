"""What a connection needs from the relay it belongs to, and how it is set up."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Protocol

from domain.errors import ConfigurationError
from domain.model import Address, Envelope
from gateway.smtp.budget import Budget, Reservation
from gateway.smtp.guesses import Guesses
from gateway.smtp.passwords import Authenticator

if TYPE_CHECKING:
    from gateway.smtp.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """How the relay speaks to clients. Sizes in octets, times in seconds.

    ``networks`` may send without AUTH; everybody else needs AUTH over TLS, for which ``tls`` and
    ``authenticator`` must be given. ``senders``: domains (folded) whose
    addresses may send; empty: any. ``patience`` is how long a client waits for room before 451.
    """

    hostname: str
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    senders: frozenset[str] = frozenset()
    authenticator: Authenticator | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    max_size: int = 50 * 2**20
    max_recipients: int = 1000
    max_errors: int = 20
    max_junk: int = 100
    idle: float = 300.0
    patience: float = 30.0

    def __post_init__(self) -> None:
        if not self.hostname:
            raise ConfigurationError("hostname", public="The relay needs a host name to greet with.")
        if self.authenticator is not None and self.tls is None:
            raise ConfigurationError("auth without tls", public="A file of users needs a TLS certificate too.")
        if not self.networks and self.authenticator is None:
            raise ConfigurationError("nobody", public="Neither networks nor users are set: nobody could send.")

    def takes_from(self, sender: str) -> bool:
        """Whether mail in this address's name is taken. The null sender's is: reports and answers of ours to others."""
        address = Address.of(sender)
        return not self.senders or not address.key or address.belongs_to(self.senders)

    def trusts(self, peer: str) -> bool:
        """Whether this address may send without AUTH."""
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.networks)


class Speaks(StrEnum):
    """The dialogue of a listener."""

    SMTP = "smtp"
    LMTP = "lmtp"


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen. Port 0 is any free one. ``implicit_tls`` is TLS from the first octet (RFC 8314).

    ``sockets`` that listen already are shared with other processes (``gateway/smtp/sharing.py``).
    """

    host: str = "127.0.0.1"
    port: int = 2525
    speaks: Speaks = Speaks.SMTP
    implicit_tls: bool = False
    sockets: tuple[socket.socket, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much is taken on at once: ``octets`` of bodies in memory, ``messages`` in the pipeline."""

    connections: int = 200
    messages: int = 16
    octets: int = 256 * 2**20
    threads: int = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said after the body: ``whole`` in SMTP; in LMTP one reply a recipient (RFC 2033 section 4.2)."""

    whole: str
    each: Mapping[Address, str] = field(default_factory=dict)

    def to(self, recipient: Address) -> str:
        """The LMTP reply for one recipient."""
        return self.each.get(recipient, self.whole)


class Watch(Protocol):
    """Who looks on from outside (``gateway/watched.py``)."""

    def message(self, ident: str, octets: int, recipients: int) -> AbstractContextManager[Callable[[str], None]]:
        """Around the work on one mail; what it gives is told the code of our answer."""
        ...

    def connections(self, count: int) -> None:
        """So many are open now."""
        ...


class Unwatched:
    """Nobody looks on."""

    def message(self, ident: str, octets: int, recipients: int) -> AbstractContextManager[Callable[[str], None]]:
        """See the protocol."""
        del ident, octets, recipients
        return nullcontext(lambda _: None)

    def connections(self, count: int) -> None:
        """See the protocol."""


class House(Protocol):
    """The relay, as its connections see it."""

    @property
    def dialogue(self) -> Dialogue:
        """How to speak."""
        ...

    @property
    def budget(self) -> Budget:
        """How much is taken on at once."""
        ...

    @property
    def guesses(self) -> Guesses:
        """Failures to log in."""
        ...

    def admit(self, connection: Connection) -> bool:
        """Count a connection in; False when there are too many."""
        ...

    def forget(self, connection: Connection) -> None:
        """It is gone."""
        ...

    def now(self) -> datetime:
        """The time of acceptance."""
        ...

    async def receive(self, envelope: Envelope, raw: bytes, room: Reservation) -> Answer:
        """Have it processed to its end, whatever becomes of the connection; ``room`` is released by the house."""
        ...
