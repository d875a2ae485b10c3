"""What may be handed to the next hop, and what came of it.

``deliver`` takes these types and nothing else, so that plaintext cannot leave by mistake:
a :class:`Relayed` can only be built from explicit RELAY decisions, a :class:`ProtectedMessage`
only by a protector, a :class:`Notice` only from our own words.

``reports`` are the sender's wishes about reports, for the hop to carry out (RFC 3461).

``trace`` are our own header fields (RFC 5321 section 4.4), whole lines, written before ``content``:
kept apart so that large content is never copied for their sake. ``arrived`` is our field on what the signatures of
the mail came to when it arrived (RFC 8601), where it is changed and that is worth sealing; else empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.decision import Action, Decision, Method
from domain.model import NULL_SENDER, Address
from domain.reports import NO_WISHES, Reports


@dataclass(frozen=True, slots=True)
class Relayed:
    """The original bytes, for recipients whose decision was an explicit RELAY. ``changed``: but for a tag taken out."""

    sender: Address
    decisions: tuple[Decision, ...]
    content: bytes = field(repr=False)
    options: tuple[str, ...] = ()
    trace: bytes = b""
    reports: Reports = NO_WISHES
    changed: bool = False
    arrived: bytes = b""

    def __post_init__(self) -> None:
        if not self.decisions or any(d.action is not Action.RELAY for d in self.decisions):
            raise ValueError("only an explicit RELAY leaves unprotected")

    @property
    def recipients(self) -> tuple[Address, ...]:
        """Those it goes to."""
        return tuple(d.recipient for d in self.decisions)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a notice of pick-up lets its reader ask for. The link itself is in the notice alone; here is its SHA-256."""

    link_sha256: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TextOwed:
    """A text message that a recipient needs to open a mail: where to, and the mail's own passphrase."""

    mobile: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProtectedMessage:
    """A whole RFC 5322 message for one recipient, signed and encrypted; 7-bit, CRLF lines.

    ``key_ids`` are the keys that can open it, hexadecimal. By PICK_UP it is a notice with nothing confidential in it,
    and ``ticket`` says under what the mail has to wait before the notice may leave. ``text`` has to be noted before it
    leaves, and is sent once it has.
    """

    sender: Address
    recipient: Address
    method: Method
    key_ids: tuple[str, ...]
    content: bytes = field(repr=False)
    options: tuple[str, ...] = ()
    trace: bytes = b""
    ticket: Ticket | None = None
    reports: Reports = NO_WISHES
    arrived: bytes = b""
    text: TextOwed | None = None

    def __post_init__(self) -> None:
        if (self.method is Method.PICK_UP) != (self.ticket is not None):
            raise ValueError("a ticket belongs to a pick-up, and to nothing else")

    @property
    def recipients(self) -> tuple[Address, ...]:
        """The one it goes to."""
        return (self.recipient,)


@dataclass(frozen=True, slots=True)
class Notice:
    """Our own words to an officer: from the null sender, so that it is never answered (RFC 5321 section 4.5.5)."""

    recipient: Address
    content: bytes = field(repr=False)
    options: tuple[str, ...] = ()
    sender: Address = NULL_SENDER
    trace: bytes = b""
    reports: Reports = NO_WISHES
    arrived: bytes = b""

    @property
    def recipients(self) -> tuple[Address, ...]:
        """The officer."""
        return (self.recipient,)


Outgoing = Relayed | ProtectedMessage | Notice


class Untold(NamedTuple):
    """What a sender is still to be told of one recipient's copy: what happened, the policy's why, and what to do."""

    recipient: str
    what: str
    why: str
    fix: str


class Fate(StrEnum):
    """Where a recipient's copy stands. All but TRY_AGAIN are durable (promise 3)."""

    DELIVERED = "delivered"  # the next hop said 250
    HELD = "held"  # filed and waiting for a reviewer; the sender is told
    TOLD = "told"  # not sent, and the sender was told why
    TRY_AGAIN = "try-again"  # nothing durable: the client keeps its copy


@dataclass(frozen=True, slots=True)
class HopReply:
    """The next hop's answer for one recipient. ``code`` is SMTP's; 0 where the line was lost.

    ``silent``: the hop takes no requests for reports (RFC 3461), so nobody after us will say that it was delivered.
    """

    recipient: Address
    code: int
    text: str = ""
    silent: bool = False

    @property
    def delivered(self) -> bool:
        """2yz: the next hop has taken the responsibility (RFC 5321 section 4.2.5)."""
        return 200 <= self.code < 300  # noqa: PLR2004 - the code's own classes

    @property
    def refused(self) -> bool:
        """5yz: for good."""
        return 500 <= self.code < 600  # noqa: PLR2004 - the code's own classes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient's copy, as the journal keeps it."""

    recipient: Address
    fate: Fate
    detail: str = ""
