"""What is kept before anything leaves: the vault, copies that wait, the journal, what is owed to people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from domain.decision import Decision
from domain.model import Address, Category, Envelope, Message, PageText, Part, Unreadable
from domain.outgoing import Outcome, ProtectedMessage, TextOwed, Untold
from domain.tags import Concern

if TYPE_CHECKING:  # the policy's facts hold verdicts on keys, which are words of these ports
    from domain.policy import Facts


@dataclass(frozen=True, slots=True)
class FiledPart:
    """One part for the vault: whom it is about (register references) and what it is."""

    part: Part
    people: frozenset[str]
    categories: frozenset[Category]


@dataclass(frozen=True, slots=True)
class Filing:
    """Everything that one message leaves in the vault. ``digest`` is the SHA-256 of ``message.raw``, hexadecimal.

    ``texts`` are what its parts say, for the search; ``unread`` what could not be read.
    """

    digest: str
    envelope: Envelope
    message: Message
    parts: tuple[FiledPart, ...]
    people: frozenset[str]
    categories: frozenset[Category]
    decisions: tuple[Decision, ...]
    texts: tuple[PageText, ...] = field(default=(), repr=False)
    unread: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class VaultReceipt:
    """Proof that the message is filed: the record's opaque id, and the object keys that were read back."""

    record: str
    objects: tuple[str, ...]


class Vault(Protocol):
    """Step 8. Files sealed copies; cannot open them (promise 4)."""

    def file(self, filing: Filing, now: datetime) -> VaultReceipt:
        """Seal, store, read back, verify, write the rows. Idempotent. Raises ``VaultUnavailable``."""
        ...


class WaitingRoom(Protocol):
    """Step 8, for what is held. Keeps a copy that reviewers can open; cannot open it itself (promise 4)."""

    def keep(self, record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> None:
        """Seal what was held to the reviewers, with what they need to settle it. Raises ``VaultUnavailable``."""
        ...


class Pickups(Protocol):
    """Step 8, for what waits to be picked up. Keeps a copy for the recipient; cannot open it itself (promise 4)."""

    def keep(
        self,
        record: str,
        digest: str,
        envelope: Envelope,
        facts: Facts,
        decisions: Sequence[Decision],
        notices: Sequence[ProtectedMessage],
        now: datetime,
    ) -> None:
        """Before any notice of pick-up leaves, what it speaks of is there. ``notices`` are all of this mail's.

        Of one mail (digest) from one sender one recipient has at most one grant that opens: a new one ends the old.
        Raises ``VaultUnavailable``.
        """
        ...


class Standing(StrEnum):
    """What the journal says of one (digest, sender, recipient)."""

    NEW = "new"  # ours to do
    DONE = "done"  # has a durable outcome already
    HELD_UNTOLD = "held-untold"  # held or refused durably, but the sender still has to be told
    BUSY = "busy"  # another relay is at it


@dataclass(frozen=True, slots=True)
class Claim:
    """One recipient's standing; ``outcome`` where there is one already; for HELD_UNTOLD the ``decision`` to tell of."""

    recipient: Address
    standing: Standing
    outcome: Outcome | None = None
    decision: Decision | None = None


class Journal(Protocol):
    """Remembers per (content digest, sender, recipient) what is done, so that a retry is harmless (promise 3).

    All methods raise ``JournalUnavailable``.
    """

    def claim(self, digest: str, envelope: Envelope, now: datetime) -> tuple[Claim, ...]:
        """Take each recipient that is free, for a limited time. One claim a recipient, in the envelope's order."""
        ...

    def intend(
        self,
        digest: str,
        envelope: Envelope,
        receipt: VaultReceipt,
        decisions: Sequence[Decision],
        now: datetime,
        facts: Facts | None = None,
    ) -> None:
        """Step 10, first half: what is about to be done, with audit events, in one transaction.

        The ``facts`` that the decisions were made of are kept without words, to try another policy on them.

        Renews the claim; raises ``JournalUnavailable`` if the claim was lost meanwhile.
        """
        ...

    def hold_on(self, digest: str, envelope: Envelope, now: datetime) -> None:
        """Before each delivery: the claims last for as long as one may take, renewed where they would not.

        Raises where one was lost: then somebody else may be serving it, and nothing more may leave from here.
        """
        ...

    def settle(self, digest: str, envelope: Envelope, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Step 10, second half: what became of it, with audit events, in one transaction. TRY_AGAIN frees the claim."""
        ...

    def release(self, digest: str, envelope: Envelope, recipients: Collection[Address]) -> None:
        """Give back claims on which nothing was done."""
        ...


@dataclass(frozen=True, slots=True)
class Release:
    """An urgent release of which the management team has not been told yet."""

    recipient: Address
    concern: Concern
    review_due: datetime


class Obligations(Protocol):
    """What decisions oblige to besides the mail itself. Both methods raise ``RegisterUnavailable``."""

    def carry_out(
        self, digest: str, envelope: Envelope, concern: Concern | None, decisions: Sequence[Decision], now: datetime
    ) -> tuple[Release, ...]:
        """Record urgent releases and open reviews, once however often it is called; the releases not yet told of."""
        ...

    def told(self, digest: str, envelope: Envelope, now: datetime) -> None:
        """The management team has been told of all urgent releases of this mail."""
        ...


class Texts(Protocol):
    """Text messages without which a recipient cannot open a mail."""

    def owe(self, digest: str, recipient: Address, text: TextOwed, now: datetime) -> None:
        """Write it down, once for each mail and recipient: it is sent when the mail has left.

        Raises ``VaultUnavailable``.
        """
        ...


class NoticeBook(Protocol):
    """Keeps a sender's mailbox from a storm of notices."""

    def turn(self, digest: str, sender: Address, untold: Sequence[Untold], now: datetime) -> bool:
        """Whether this mail's notice may leave now. If not, what it would say is written down, and told with others.

        The same answer for the same mail. Raises ``JournalUnavailable``.
        """
        ...
