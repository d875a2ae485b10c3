"""Step 9: hand over what may leave, and tell the sender of what may not.

Each recipient ends with one outcome. A refusal by the next hop is told to the sender; a
lost line or a temporary answer is TRY_AGAIN, and the journal keeps the others from being
served twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from domain.decision import Action, Decision
from domain.errors import JournalUnavailable, NextHopUnavailable, RegisterUnavailable
from domain.model import Address, Envelope, Message
from domain.outgoing import Fate, HopReply, Outcome, ProtectedMessage, Relayed
from domain.ports import Claim, NextHop
from domain.reports import Reports
from gateway.letters import Told, hand_over
from gateway.notices import untold_of

if TYPE_CHECKING:
    from domain.policy import Facts
    from gateway.pipeline import Ports
    from gateway.protecting import Protected


REFUSED = "refused"
"""How the detail of an outcome begins that the next hop refused."""


@dataclass(slots=True)
class Ledger:
    """What is to be done for one message, and what became of it so far."""

    digest: str
    envelope: Envelope
    quiet: frozenset[Address] = frozenset()
    """For whom a reviewer looks at what becomes of it, and its sender hears of it from them."""
    message: Message | None = None
    outgoing: tuple[Relayed | ProtectedMessage, ...] = ()
    stopped: list[Decision] = field(default_factory=list)
    refusals: list[HopReply] = field(default_factory=list)
    relayed: list[HopReply] = field(default_factory=list)
    outcomes: dict[Address, Outcome] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    filed: tuple[str, Facts] | None = None
    """The record, and what the decisions were made of."""

    def intended(self, protected: Protected) -> None:
        """From now on each recipient gets an outcome; until something better happens it is TRY_AGAIN."""
        self.outgoing, self.decisions = protected.outgoing, protected.decisions
        self.stopped = [d for d in protected.decisions if d.action in {Action.HOLD, Action.REJECT}]
        for decision in protected.decisions:
            self.outcomes[decision.recipient] = Outcome(decision.recipient, Fate.TRY_AGAIN)

    def settle(self, recipient: Address, fate: Fate, detail: str = "") -> None:
        """Write down what became of one recipient's copy."""
        self.outcomes[recipient] = Outcome(recipient, fate, detail)

    def handed_on(self, reply: HopReply) -> None:
        """Where the sender asked to hear of success and nobody after us will say so (RFC 3461 section 5.2.2)."""
        if reply.silent and self.envelope.reports.on_success(reply.recipient.key):
            self.relayed.append(reply)


def deliver_all(ledger: Ledger, next_hop: NextHop) -> None:
    """Hand over each outgoing message; one that fails does not keep the others from leaving."""
    for outgoing in ledger.outgoing:
        try:
            replies = next_hop.deliver(outgoing)
        except NextHopUnavailable:
            continue
        for reply in replies:
            if reply.delivered:
                ledger.settle(reply.recipient, Fate.DELIVERED, str(reply.code))
                ledger.handed_on(reply)
            elif reply.refused:
                ledger.refusals.append(reply)
    ledger.outgoing = ()  # large messages are not needed while notices are written


def tell_sender(ledger: Ledger, untold: Iterable[Claim], ports: Ports) -> None:
    """One notice for all that was held or refused, now or in an earlier try that broke off before the telling.

    Whom the sender does not want to hear of (RFC 3461, NOTIFY) is settled without a word.
    """
    earlier = [c.decision for c in untold if c.decision is not None]
    stopped = [*ledger.stopped, *earlier]
    reports = ledger.envelope.reports
    wanted = [d for d in stopped if d.recipient not in ledger.quiet and _wanted(reports, d)]
    refused = [r for r in ledger.refusals if reports.on_failure(r.recipient.key)]
    told = _tell(ledger, wanted, refused, ports) if wanted or refused or ledger.relayed else Told.YES
    for decision in stopped:
        unwanted = Told.REVIEWED if decision.recipient in ledger.quiet else Told.UNWANTED
        _settle_stopped(ledger, decision, told if decision in wanted else unwanted)
    for refusal in ledger.refusals:
        if refusal not in refused:
            ledger.settle(refusal.recipient, Fate.TOLD, f"{REFUSED} {refusal.code}, the sender wants no report")
        elif told in {Told.YES, Told.TOGETHER}:
            ledger.settle(refusal.recipient, Fate.TOLD, f"{REFUSED} {refusal.code}")


def _wanted(reports: Reports, decision: Decision) -> bool:
    key = decision.recipient.key
    return reports.on_delay(key) if decision.action is Action.HOLD else reports.on_failure(key)


def _settle_stopped(ledger: Ledger, decision: Decision, told: Told) -> None:
    """A held copy is durable, and reviewers see it, even if the sender's mailbox takes no notice."""
    held, detail = decision.action is Action.HOLD, _UNTOLD.get(told, "")
    if told in {Told.YES, Told.UNWANTED, Told.TOGETHER, Told.REVIEWED} or (held and told is Told.NEVER):
        ledger.settle(decision.recipient, Fate.HELD if held else Fate.TOLD, detail)
    else:
        ledger.settle(decision.recipient, Fate.TRY_AGAIN, "sender not told yet")


_UNTOLD = {
    Told.NEVER: "sender cannot be told",
    Told.UNWANTED: "the sender wants no report",
    Told.TOGETHER: "told with others",
    Told.REVIEWED: "its reviewer sees it",
}


def _tell(ledger: Ledger, stopped: list[Decision], refused: list[HopReply], ports: Ports) -> Told:
    """Hand over one notice. A report is never answered (RFC 5321 section 4.5.5), nor is anybody outside."""
    sender = ledger.envelope.sender
    if not sender.key:
        return Told.YES
    try:
        if not ports.tellable(sender, ledger.envelope.received_at):
            return Told.NEVER
    except RegisterUnavailable:
        return Told.LATER
    assert ledger.message is not None  # noqa: S101 - parsed before anything is settled
    now = ports.clock.now()
    untold = untold_of(stopped, refused)
    try:
        if untold and not ports.book.turn(ledger.digest, sender, untold, now):
            return Told.TOGETHER
    except JournalUnavailable:
        return Told.LATER
    notice = ports.notices.compose(ledger.message, ledger.envelope, stopped, refused, now, ledger.relayed)
    return hand_over(notice, ports.next_hop)
