"""What the pipeline needs from outside, as Protocols. Adapters are built in ``gateway/bootstrap`` alone.

Each method says which error it may raise; anything else that escapes is a bug, and is
treated as :class:`~domain.errors.TryAgain` by the server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from domain.acquaintance import Acquaintance, Looks
from domain.decision import Decision, Method
from domain.model import Address, Analysis, Category, Envelope, Message, PageText, Part, Unreadable
from domain.outgoing import HopReply, Notice, Outcome, Outgoing, ProtectedMessage, TextOwed, Untold
from domain.permission import Circle
from domain.subjects import Mention
from domain.tags import Concern

if TYPE_CHECKING:  # the policy's facts hold verdicts on keys, which are words of this module
    from domain.policy import Facts


class Clock(Protocol):
    """The only source of the present."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Classifiers(Protocol):
    """Step 3. Reads documents in a contained process and says what they are."""

    def analyse(self, subject: str, parts: Sequence[Part]) -> Analysis:
        """Total: a document that crashes or stalls its reader comes back as unreadable.

        Raises ``ClassifierUnavailable`` when no reader can be started at all.
        """
        ...


class Register(Protocol):
    """Steps 4 and 5. People, and who may know about them."""

    def mentions(self, analysis: Analysis, near: Collection[Address] = ()) -> tuple[Mention, ...]:
        """The service users whom texts and identifiers point at.

        ``near`` are who writes and who reads it: a first name may mean whom they look after. Raises
        ``RegisterUnavailable``.
        """
        ...

    def named(self, council_ids: Collection[str]) -> Mapping[str, str]:
        """The register references of the people with these council IDs, by the ID; unknown ones are left out.

        Raises ``RegisterUnavailable``.
        """
        ...

    def circle(self, people: Collection[str], recipients: Collection[Address], at: datetime) -> Circle:
        """What is recorded about sharing these people's information with these recipients at that time.

        ``people`` are register references. Raises ``RegisterUnavailable``.
        """
        ...

    def stopped(self, recipients: Collection[Address]) -> frozenset[Address]:
        """Those to whom nothing goes for now, as ``circle`` has them. Raises ``RegisterUnavailable``."""
        ...

    def keys(self, recipients: Collection[Address]) -> Mapping[Address, tuple[StoredKey, ...]]:
        """Every certificate recorded for each address, usable or not. Raises ``RegisterUnavailable``."""
        ...


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A recipient's certificate: a binary OpenPGP certificate, or a DER X.509 certificate.

    ``address`` is the one that it is recorded for, folded: the recipient's, or the mailbox that theirs is another name
    of; empty where it is not recorded yet.
    """

    method: Method
    fingerprint: str
    data: bytes = field(repr=False)
    address: str = ""


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


class Papers(Protocol):
    """Where signed papers are. What the register says of them is asked here before it is stored."""

    def holds(self, record: str, person: str) -> bool:
        """Whether this is a record of the vault that may be about this person (a reference): it names nobody else."""
        ...


class Correspondents(Protocol):
    """Step 5, for the guard against misdirected mail (``domain/guard.py``): whom officers wrote to, who is known."""

    looks: Looks

    def visible(self, message: Message, most: int) -> int:
        """How many outside addresses everybody who gets it sees, where they are more than ``most``; else 0."""
        ...

    def misnamed(self, message: Message) -> Mapping[Address, tuple[str, ...]]:
        """Addresses of To and Cc beside which a name stands that they are not made of (``domain/display.py``)."""
        ...

    def strange(self, sender: Address, recipients: Collection[Address], now: datetime) -> tuple[Address, ...]:
        """Of a harmless mail by somebody of the council: recipients outside that were not looked at of late."""
        ...

    def familiar(self, sender: Address, recipients: Collection[Address], now: datetime) -> None:
        """They were looked at, and there was nothing to doubt."""
        ...

    def known(
        self, sender: Address, recipients: Collection[Address], names: Collection[tuple[str, ...]] = ()
    ) -> Acquaintance:
        """What these addresses and names are compared with. Raises ``RegisterUnavailable``, ``VaultUnavailable``."""
        ...

    def warned(self, sender: Address, recipients: Collection[Address]) -> frozenset[Address]:
        """About whom this sender was warned before. Raises ``VaultUnavailable``."""
        ...

    def delivered(
        self,
        record: str,
        sender: Address,
        people: Collection[str],
        decisions: Sequence[Decision],
        now: datetime,
        *,
        private: bool = True,
    ) -> None:
        """These copies have left: their sender is to be warned as they say; what was ``private`` makes addresses known.

        Raises ``VaultUnavailable``.
        """
        ...


class NextHop(Protocol):
    """Step 9. Hands over to the mail system after us."""

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        """One reply a recipient; a lost line is code 0. Raises ``NextHopUnavailable`` if nothing was begun."""
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
