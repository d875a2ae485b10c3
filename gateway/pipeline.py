"""One message's way, as a table of contents. The numbers are those of ``docs/architecture.md``.

 1. accept      ``gateway/server.py`` has made an Envelope of the dialogue
 2. parse       ``gateway/parse.py``
 3. classify    ``classifiers/``, in contained processes
 4. identify    ``register/`` finds mentions, ``domain/subjects.py`` says whom it is about
 5. permission  ``register/`` reads, ``domain/permission.py`` judges
 6. decide      ``domain/policy.py``
 7. protect     ``gateway/protecting.py``, by ``gateway/protect/``
 8. file        ``vault/filing.py``; a second time what is held, for the reviewers: ``vault/held/room.py``,
                and what is picked up, for the recipient: ``vault/pickup/room.py``
 9. deliver     ``gateway/delivering.py``, by ``gateway/deliver.py``
10. record      ``vault/journal.py``: intent before 9, outcome after

Steps never call each other. A failure before 10's first half gives back the claim and goes
up as an error (451, the client keeps its copy); after it, each recipient has an outcome.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.decision import Decision
from domain.errors import JournalUnavailable, VaultUnavailable
from domain.model import NULL_SENDER, Address, Envelope, Evidence, Message, Place
from domain.outgoing import Fate, Outcome, ProtectedMessage
from domain.permission import Circle
from domain.policy import Facts, confidential, decide, harmless
from domain.ports import (
    Claim,
    Classifiers,
    Clock,
    Correspondents,
    FiledPart,
    Filing,
    Journal,
    NextHop,
    NoticeBook,
    Notices,
    Obligations,
    Pickups,
    Protector,
    Register,
    Release,
    Standing,
    Texts,
    Vault,
    WaitingRoom,
)
from domain.rules import Rules
from domain.ruling import Ruling
from domain.subjects import MatchedBy, Mention, match
from domain.tags import Tags, read_tags
from gateway.delivering import Ledger, deliver_all, tell_sender
from gateway.guarding import glanced, guarded
from gateway.holding import WhileHeld
from gateway.protecting import Protected, examine_keys, protect_all
from gateway.releasing import tell_management
from gateway.telling import EveryTurn, NoTexts


@dataclass(frozen=True, slots=True)
class Ports:
    """All that the pipeline needs.

    ``tellable``: whether a sender may be told what became of a mail (``gateway/telling.py``); may raise
    ``RegisterUnavailable``. ``trace`` gives the trace fields (RFC 5321 section 4.4) and our mark; ``arrived`` a field
    on what the signatures of a mail came to (``gateway/arc.py``), for one that is changed; empty where there is none.
    """

    clock: Clock
    parse: Callable[[bytes], Message]
    classifiers: Classifiers
    register: Register
    rules: Rules
    protectors: Sequence[Protector]
    vault: Vault
    waiting_room: WaitingRoom
    pickups: Pickups
    journal: Journal
    obligations: Obligations
    correspondents: Correspondents
    next_hop: NextHop
    notices: Notices
    tellable: Callable[[Address, datetime], bool]
    trace: Callable[[Envelope, Message], bytes]
    decide: Callable[[Facts, Rules], tuple[Decision, ...]] = decide
    book: NoticeBook = field(default_factory=EveryTurn)
    arrived: Callable[[bytes], bytes] = lambda _: b""
    texts: Texts = field(default_factory=NoTexts)


def process(
    envelope: Envelope, raw: bytes, ports: Ports, rulings: Mapping[Address, Ruling] | None = None
) -> tuple[Outcome, ...]:
    """One durable outcome (or TRY_AGAIN) a recipient, in the envelope's order.

    ``rulings`` are reviewers', on recipients for whom the mail was held and is decided anew (``gateway/reviewed.py``).
    Raises ``TryAgain`` when nothing was done for anybody, ``Refused`` when the message itself is at fault.
    """
    digest = hashlib.sha256(raw).hexdigest()
    claims = ports.journal.claim(digest, envelope, ports.clock.now())
    mine = tuple(c.recipient for c in claims if c.standing is Standing.NEW)
    outcomes = {c.recipient: c.outcome or Outcome(c.recipient, Fate.TRY_AGAIN, "busy") for c in claims}
    untold = [c for c in claims if c.standing is Standing.HELD_UNTOLD]
    if mine or untold:
        outcomes |= _carry_out(_Work(digest, envelope, raw, mine, untold, rulings or {}), ports)
    return tuple(outcomes[r] for r in envelope.recipients)


@dataclass(frozen=True, slots=True)
class _Work:
    digest: str
    envelope: Envelope
    raw: bytes
    mine: tuple[Address, ...]
    untold: list[Claim]
    rulings: Mapping[Address, Ruling]


def _carry_out(work: _Work, ports: Ports) -> dict[Address, Outcome]:
    ledger = Ledger(work.digest, work.envelope, quiet=frozenset(to for to, r in work.rulings.items() if r.quiet))
    releases: tuple[Release, ...] = ()
    try:
        message = ports.parse(work.raw)  # 2
        ledger.message = message
        if work.mine:
            facts = gather(work.envelope, message, work.mine, ports, work.rulings)  # 3, 4, 5
            protected = protect_all(facts, ports.decide(facts, ports.rules), work.envelope, ports)  # 6, 7
            receipt = ports.vault.file(_filing(work, facts, protected, ports.rules), ports.clock.now())  # 8
            ports.waiting_room.keep(receipt.record, work.envelope, facts, protected.decisions, ports.clock.now())
            _keep_for_pickup(receipt.record, work, facts, protected, ports)
            _owe_texts(work, protected, ports)
            releases = ports.obligations.carry_out(
                work.digest, work.envelope, facts.tags.urgent, protected.decisions, ports.clock.now()
            )
            known = None if work.rulings else facts  # what reviewers ruled is no case to try another policy on
            ports.journal.intend(
                work.digest, work.envelope, receipt, protected.decisions, ports.clock.now(), known
            )  # 10, intent
            ledger.intended(protected)
            ledger.filed = (receipt.record, facts)
    except BaseException:
        with suppress(JournalUnavailable):  # then the claim runs out by itself
            ports.journal.release(work.digest, work.envelope, (*work.mine, *(c.recipient for c in work.untold)))
        raise
    held = WhileHeld(ports.next_hop, ports.journal, ports.clock, work.digest, work.envelope)
    ports = replace(ports, next_hop=held)
    try:
        tell_management(ledger, releases, ports)
        deliver_all(ledger, ports.next_hop)  # 9
        tell_sender(ledger, work.untold, ports)
    finally:  # whatever else goes wrong, what was delivered is remembered
        outcomes = tuple(ledger.outcomes.values())
        ports.journal.settle(work.digest, work.envelope, outcomes, ports.clock.now())  # 10, outcome
    _remember(ledger, ports)
    return ledger.outcomes


def _remember(ledger: Ledger, ports: Ports) -> None:
    """Whom its officer has written to now. It comes last, and nothing hangs on it: what is lost is doubted again."""
    record, facts = ledger.filed or ("", None)
    if facts is None or facts.doubts is None:
        return
    left = [
        d
        for d in ledger.decisions
        if d.recipient not in facts.circle.staff and ledger.outcomes[d.recipient].fate is Fate.DELIVERED
    ]
    people = facts.subjects.people - facts.subjects.weak
    with suppress(VaultUnavailable):
        if left:
            private = not harmless(facts, ports.rules)
            ports.correspondents.delivered(record, facts.sender, people, left, ports.clock.now(), private=private)


def _keep_for_pickup(record: str, work: _Work, facts: Facts, protected: Protected, ports: Ports) -> None:
    notices = [o for o in protected.outgoing if isinstance(o, ProtectedMessage) and o.ticket]
    if notices:
        now = ports.clock.now()
        ports.pickups.keep(record, work.digest, work.envelope, facts, protected.decisions, notices, now)


def _owe_texts(work: _Work, protected: Protected, ports: Ports) -> None:
    """Passphrases that recipients need: written down before their mail leaves, so that none arrives without."""
    for outgoing in protected.outgoing:
        if isinstance(outgoing, ProtectedMessage) and outgoing.text:
            ports.texts.owe(work.digest, outgoing.recipient, outgoing.text, ports.clock.now())


def gather(
    envelope: Envelope,
    message: Message,
    recipients: tuple[Address, ...],
    ports: Ports,
    rulings: Mapping[Address, Ruling] | None = None,
) -> Facts:
    """Steps 3 to 5: all that the decision may depend on. No side effect; ``sallyport explain`` calls it too."""
    analysis = ports.classifiers.analyse(message.subject, (*message.parts, *message.notes))  # 3
    tags, named = _asked(envelope, message, ports)
    rulings = rulings or {}
    near = (envelope.sender, *recipients)
    subjects = match((*ports.register.mentions(analysis, near), *named, *_ruled(rulings)))  # 4
    now = ports.clock.now()  # not the time of arrival: what was withdrawn while documents were read is withdrawn
    facts = Facts(
        envelope.sender, recipients, message, analysis, subjects, Circle(now), tags=tags, rulings=rulings or {}
    )
    shown = ports.correspondents.visible(message, ports.rules.guard.visible)
    private = not harmless(facts, ports.rules)
    if not private and not shown and not ports.register.stopped(recipients):
        return glanced(facts, ports)
    everybody = (*recipients, envelope.sender) if tags.urgent else recipients
    circle = ports.register.circle(subjects.people, everybody, now)  # 5
    keys = examine_keys(ports.register.keys(recipients), ports.protectors, now)
    sender = envelope.sender if ports.tellable(envelope.sender, now) else NULL_SENDER
    facts = replace(facts, sender=sender, circle=circle, keys=keys)
    return guarded(facts, shown, ports, private=private)


def _asked(envelope: Envelope, message: Message, ports: Ports) -> tuple[Tags, tuple[Mention, ...]]:
    """The tags of the subject line, and whom they name. An ID of nobody cannot be honoured.

    A mail that somebody else wrote, which a mailbox rule forwards in an officer's name, asks for nothing.
    """
    tags = read_tags(message.subject, ports.rules.tags)
    if message.author and Address.of(message.author) != envelope.sender:
        tags = tags.second_hand()
    if not tags.about:
        return tags, ()
    people = ports.register.named(tags.about)
    strangers = tuple(name for name in tags.about if name not in people)
    evidence = Evidence("subject", Place.SUBJECT_LINE, "tag", "")
    mentions = tuple(Mention(frozenset({ref}), MatchedBy.TAG, evidence) for ref in people.values())
    return replace(tags, doubtful=(*tags.doubtful, *strangers)), mentions


def _ruled(rulings: Mapping[Address, Ruling]) -> Iterator[Mention]:
    """Whom reviewers named, as surely as an officer's tag does."""
    evidence = Evidence("subject", Place.SUBJECT_LINE, "reviewer", "")
    people = {person for ruling in rulings.values() for person in ruling.about}
    yield from (Mention(frozenset({person}), MatchedBy.TAG, evidence) for person in sorted(people))


def _filing(work: _Work, facts: Facts, protected: Protected, rules: Rules) -> Filing:
    """What the vault is to keep: each part with whom it concerns and what it is."""
    found = confidential(facts.analysis, facts.subjects, rules)
    return Filing(
        digest=work.digest,
        envelope=work.envelope,
        message=facts.message,
        parts=tuple(
            FiledPart(
                part=part,
                people=facts.subjects.surely_about(part.path),
                categories=frozenset(f.category for f in found if _within(f.part, part.path)),
            )
            for part in facts.message.parts
        ),
        people=facts.subjects.people - facts.subjects.weak,
        categories=frozenset(f.category for f in found),
        decisions=protected.decisions,
        texts=facts.analysis.texts,
        unread=(*facts.message.unreadable, *facts.analysis.unreadable),
    )


def _within(path: str, part: str) -> bool:
    return path == part or path.startswith((f"{part}/", f"{part}#"))
