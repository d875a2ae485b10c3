"""In-memory twins of the ports, each with one injectable fault a method.

``Faults`` is a script: ``Faults("vault.file")`` makes that method raise what a real adapter
raises there. No patching: what a test wants broken, it says when it builds the port.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.acquaintance import Acquaintance
from domain.decision import Action, Decision, Method, Obligation
from domain.errors import (
    ClassifierUnavailable,
    JournalUnavailable,
    NextHopUnavailable,
    ProtectionFailed,
    RegisterUnavailable,
    UnusableKey,
    VaultUnavailable,
)
from domain.model import Address, Analysis, Envelope, Message, Part, Unreadable, UnreadableReason
from domain.outgoing import Fate, HopReply, Notice, Outcome, Outgoing, ProtectedMessage, Relayed, Ticket
from domain.permission import Circle
from domain.policy import Facts
from domain.ports import Claim, Filing, KeyVerdict, Release, Standing, StoredKey, VaultReceipt
from domain.subjects import Mention
from domain.tags import Concern
from gateway.guarding import misnamed

MANAGEMENT = Address.of("management@council.example")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

ERRORS: dict[str, Exception] = {
    "classifiers.analyse": ClassifierUnavailable("no worker"),
    "register.mentions": RegisterUnavailable("down"),
    "register.named": RegisterUnavailable("down"),
    "register.circle": RegisterUnavailable("down"),
    "register.keys": RegisterUnavailable("down"),
    "protector.examine": RuntimeError("a bug in the gate"),
    "protector.protect": ProtectionFailed("worker died"),
    "protector.protect-unusable": UnusableKey("expired meanwhile"),
    "vault.file": VaultUnavailable("disk full"),
    "room.keep": VaultUnavailable("disk full"),
    "pickups.keep": VaultUnavailable("disk full"),
    "correspondents.known": VaultUnavailable("down"),
    "correspondents.delivered": VaultUnavailable("down"),
    "obligations.carry_out": RegisterUnavailable("down"),
    "obligations.told": RegisterUnavailable("down"),
    "journal.claim": JournalUnavailable("down"),
    "journal.intend": JournalUnavailable("claim lost"),
    "journal.hold_on": JournalUnavailable("claim lost"),
    "journal.settle": JournalUnavailable("down"),
    "journal.release": JournalUnavailable("down"),
    "hop.deliver": NextHopUnavailable("refused connection"),
    "hop.notice": NextHopUnavailable("refused connection"),
    "notices.compose": RuntimeError("a bug in the words"),
    "notices.compose_releases": RuntimeError("a bug in the words"),
}
"""Every method of every port, and what it raises when it fails."""


@dataclass
class Faults:
    """The method that fails (``port.method``), and how many times; then it works again."""

    where: str = ""
    times: int = 1_000_000

    def at(self, where: str) -> None:
        """Fail here, if this is the place."""
        if where == self.where and self.times > 0:
            self.times -= 1
            raise ERRORS[where]


@dataclass
class FakeClock:
    """Stands still until moved."""

    time: datetime = NOW

    def now(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by


@dataclass
class FakeClassifiers:
    """Says what it was told to say."""

    analysis: Analysis
    faults: Faults = field(default_factory=Faults)

    def analyse(self, subject: str, parts: Sequence[Part]) -> Analysis:
        self.faults.at("classifiers.analyse")
        return self.analysis


@dataclass
class FakeRegister:
    """Knows what it was told."""

    found: tuple[Mention, ...] = ()
    known: Circle = field(default_factory=lambda: Circle(NOW))
    stored: Mapping[Address, tuple[StoredKey, ...]] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)

    def mentions(self, analysis: Analysis, near: Collection[Address] = ()) -> tuple[Mention, ...]:
        self.faults.at("register.mentions")
        return self.found

    def named(self, council_ids: Collection[str]) -> Mapping[str, str]:
        self.faults.at("register.named")
        return {c: self.ids[c] for c in council_ids if c in self.ids}

    def circle(self, people: Collection[str], recipients: Collection[Address], at: datetime) -> Circle:
        self.faults.at("register.circle")
        return self.known

    def stopped(self, recipients: Collection[Address]) -> frozenset[Address]:
        self.faults.at("register.stopped")
        return self.known.stopped.intersection(recipients)

    def keys(self, recipients: Collection[Address]) -> Mapping[Address, tuple[StoredKey, ...]]:
        self.faults.at("register.keys")
        return {r: self.stored.get(r, ()) for r in recipients}


@dataclass
class FakeProtector:
    """Writes the recipient and key ids, and none of the plain bytes."""

    method: Method = Method.OPENPGP
    faults: Faults = field(default_factory=Faults)
    made: int = 0

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:
        self.faults.at("protector.examine")
        usable = key.data == b"usable"
        return KeyVerdict(key, usable, "" if usable else "it expired on 1 May 2026")

    def protect(
        self,
        message: Message,
        envelope: Envelope,
        recipient: Address,
        keys: Sequence[StoredKey],
        subject: str,
        now: datetime,
    ) -> ProtectedMessage:
        self.faults.at("protector.protect")
        self.faults.at("protector.protect-unusable")
        ids = tuple(k.fingerprint for k in keys)
        self.made += 1
        ticket = None if self.method.by_key else Ticket(f"link-{self.made}", now + timedelta(days=30))
        content = f"SEALED for {recipient}".encode()
        return ProtectedMessage(envelope.sender, recipient, self.method, ids, content, ticket=ticket)


@dataclass
class FakeVault:
    """Keeps filings in a list."""

    faults: Faults = field(default_factory=Faults)
    filed: list[Filing] = field(default_factory=list)

    def file(self, filing: Filing, now: datetime) -> VaultReceipt:
        self.faults.at("vault.file")
        self.filed.append(filing)
        return VaultReceipt(f"record-{filing.digest[:8]}", (f"objects/{filing.digest[:8]}",))


@dataclass
class FakeRoom:
    """Keeps what was held in a list."""

    faults: Faults = field(default_factory=Faults)
    kept: list[tuple[str, Sequence[Decision]]] = field(default_factory=list)

    def keep(self, record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> None:
        self.faults.at("room.keep")
        if any(d.action is Action.HOLD for d in decisions):
            self.kept.append((record, decisions))


@dataclass
class FakePickups:
    """Which link opens what, a mail and recipient; and whatever was ever kept."""

    faults: Faults = field(default_factory=Faults)
    opens: dict[_Key, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

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
        self.faults.at("pickups.keep")
        for notice in notices:
            assert notice.ticket is not None
            self.opens[digest, envelope.sender, notice.recipient] = notice.ticket.link_sha256
            self.kept.append(notice.ticket.link_sha256)


_Key = tuple[str, Address, Address]


@dataclass
class FakeJournal:
    """The journal's rules in a dictionary."""

    faults: Faults = field(default_factory=Faults)
    busy: set[_Key] = field(default_factory=set)
    done: dict[_Key, Outcome] = field(default_factory=dict)
    stopped: dict[_Key, Decision] = field(default_factory=dict)
    intents: list[tuple[VaultReceipt, tuple[Decision, ...]]] = field(default_factory=list)
    facts: list[Facts | None] = field(default_factory=list)

    def claim(self, digest: str, envelope: Envelope, now: datetime) -> tuple[Claim, ...]:
        self.faults.at("journal.claim")
        return tuple(self._claim((digest, envelope.sender, r)) for r in envelope.recipients)

    def _claim(self, key: _Key) -> Claim:
        if key in self.done:
            return Claim(key[2], Standing.DONE, self.done[key])
        if key in self.stopped:
            return Claim(key[2], Standing.HELD_UNTOLD, None, self.stopped[key])
        if key in self.busy:
            return Claim(key[2], Standing.BUSY)
        self.busy.add(key)
        return Claim(key[2], Standing.NEW)

    def intend(
        self,
        digest: str,
        envelope: Envelope,
        receipt: VaultReceipt,
        decisions: Sequence[Decision],
        now: datetime,
        facts: Facts | None = None,
    ) -> None:
        self.faults.at("journal.intend")
        self.facts.append(facts)
        self.intents.append((receipt, tuple(decisions)))
        for decision in decisions:
            if decision.action in {Action.HOLD, Action.REJECT}:
                self.stopped[digest, envelope.sender, decision.recipient] = decision

    def hold_on(self, digest: str, envelope: Envelope, now: datetime) -> None:
        self.faults.at("journal.hold_on")

    def settle(self, digest: str, envelope: Envelope, outcomes: Sequence[Outcome], now: datetime) -> None:
        self.faults.at("journal.settle")
        for outcome in outcomes:
            key = (digest, envelope.sender, outcome.recipient)
            self.busy.discard(key)
            if outcome.fate is not Fate.TRY_AGAIN:
                self.done[key] = outcome

    def release(self, digest: str, envelope: Envelope, recipients: Collection[Address]) -> None:
        self.faults.at("journal.release")
        self.busy -= {(digest, envelope.sender, r) for r in recipients}


@dataclass
class FakeObligations:
    """Remembers what was asked of it."""

    faults: Faults = field(default_factory=Faults)
    releases: dict[tuple[str, Address], Release] = field(default_factory=dict)
    reviews: set[tuple[str, Address]] = field(default_factory=set)
    told_of: set[tuple[str, Address]] = field(default_factory=set)

    def carry_out(
        self, digest: str, envelope: Envelope, concern: Concern | None, decisions: Sequence[Decision], now: datetime
    ) -> tuple[Release, ...]:
        self.faults.at("obligations.carry_out")
        for decision in decisions:
            if Obligation.REVIEW_PERMISSION in decision.obligations:
                self.reviews.add((digest, decision.recipient))
            if concern is not None and Obligation.REVIEW_RELEASE in decision.obligations:
                release = Release(decision.recipient, concern, now + timedelta(hours=72))
                self.releases.setdefault((digest, decision.recipient), release)
        return tuple(r for key, r in self.releases.items() if key[0] == digest and key not in self.told_of)

    def told(self, digest: str, envelope: Envelope, now: datetime) -> None:
        self.faults.at("obligations.told")
        self.told_of |= {key for key in self.releases if key[0] == digest}


@dataclass
class FakeLooks:
    """Letters are what they are, but a Cyrillic one that looks like an a."""

    def skeleton(self, domain: str) -> str:
        return domain.replace("\u0430", "a")

    def disguised(self, domain: str) -> bool:
        return "\u0430" in domain and any(c.isascii() and c.isalpha() for c in domain.partition(".")[0])


@dataclass
class FakeCorrespondents:
    """Knows what it was told, and remembers what left."""

    acquaintance: Acquaintance = field(default_factory=Acquaintance)
    shown: int = 0
    faults: Faults = field(default_factory=Faults)
    sent: list[tuple[str, Address, frozenset[str], tuple[Address, ...]]] = field(default_factory=list)
    looks: FakeLooks = field(default_factory=FakeLooks)

    def visible(self, message: Message, most: int) -> int:
        return self.shown if self.shown > most else 0

    def misnamed(self, message: Message) -> Mapping[Address, tuple[str, ...]]:
        return misnamed(message)

    def strange(self, sender: Address, recipients: Collection[Address], now: datetime) -> tuple[Address, ...]:
        return ()

    def familiar(self, sender: Address, recipients: Collection[Address], now: datetime) -> None:
        return None

    def known(
        self, sender: Address, recipients: Collection[Address], names: Collection[tuple[str, ...]] = ()
    ) -> Acquaintance:
        self.faults.at("correspondents.known")
        return self.acquaintance

    def warned(self, sender: Address, recipients: Collection[Address]) -> frozenset[Address]:
        return frozenset()

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
        self.faults.at("correspondents.delivered")
        self.sent.append((record, sender, frozenset(people), tuple(d.recipient for d in decisions)))


@dataclass
class FakeNextHop:
    """Remembers every byte handed over. ``codes`` answers for some addresses; the others get 250."""

    faults: Faults = field(default_factory=Faults)
    codes: Mapping[str, int] = field(default_factory=dict)
    taken: list[tuple[Outgoing, Address]] = field(default_factory=list)
    silent: bool = False

    def deliver(self, outgoing: Outgoing) -> tuple[HopReply, ...]:
        self.faults.at("hop.notice" if isinstance(outgoing, Notice) else "hop.deliver")
        replies = tuple(HopReply(r, self.codes.get(r.key, 250), silent=self.silent) for r in outgoing.recipients)
        self.taken += [(outgoing, reply.recipient) for reply in replies if reply.delivered]
        return replies

    def received(self, recipient: Address) -> list[Outgoing]:
        """What this recipient got, notices apart."""
        return [o for o, r in self.taken if r == recipient and not isinstance(o, Notice)]

    @property
    def in_clear(self) -> list[Relayed]:
        """Everything that left unprotected."""
        return [o for o, _ in self.taken if isinstance(o, Relayed)]

    @property
    def notices(self) -> list[Notice]:
        """What senders were told."""
        return [o for o, _ in self.taken if isinstance(o, Notice)]


@dataclass
class FakeNotices:
    """One line."""

    faults: Faults = field(default_factory=Faults)

    def compose(
        self,
        message: Message,
        envelope: Envelope,
        decisions: Sequence[Decision],
        refusals: Sequence[HopReply],
        now: datetime,
        relayed: Sequence[HopReply] = (),
    ) -> Notice:
        self.faults.at("notices.compose")
        handed_on = f", {len(relayed)} relayed" if relayed else ""
        return Notice(envelope.sender, f"{len(decisions)} stopped, {len(refusals)} refused{handed_on}".encode())

    def compose_releases(
        self, message: Message, envelope: Envelope, releases: Sequence[Release], now: datetime
    ) -> tuple[Notice, ...]:
        self.faults.at("notices.compose_releases")
        return (Notice(MANAGEMENT, f"{len(releases)} released".encode()),)


def unreadable(part: str = "2") -> Unreadable:
    """A part nobody can read."""
    return Unreadable(part, UnreadableReason.ENCRYPTED)
