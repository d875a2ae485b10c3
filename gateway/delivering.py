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
from domain.errors import NextHopUnavailable, RegisterUnavailable
from domain.model import Address, Envelope, Message
from domain.outgoing import Fate, HopReply, Outcome, ProtectedMessage, Relayed
from domain.ports import Claim, NextHop
from gateway.letters import Told, hand_over

if TYPE_CHECKING:
    from domain.policy import Facts
    from gateway.pipeline import Ports
    from gateway.protecting import Protected


@dataclass(slots=True)
class Ledger:
    """What is to be done for one message, and what became of it so far."""

    digest: str
    envelope: Envelope
    message: Message | None = None
    outgoing: tuple[Relayed | ProtectedMessage, ...] = ()
    stopped: list[Decision] = field(default_factory=list)
    refusals: list[HopReply] = field(default_factory=list)
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
            elif reply.refused:
                ledger.refusals.append(reply)
    ledger.outgoing = ()  # large messages are not needed while notices are written


def tell_sender(ledger: Ledger, untold: Iterable[Claim], ports: Ports) -> None:
    """One notice for all that was held or refused, now or in an earlier try that broke off before the telling."""
    earlier = [c for c in untold if c.decision is not None]
    stopped = [*ledger.stopped, *(c.decision for c in earlier if c.decision is not None)]
    if not stopped and not ledger.refusals:
        return
    told = _tell(ledger, stopped, ports)
    for decision in stopped:
        if decision.action is Action.HOLD and told is not Told.LATER:
            # A held copy is durable, and reviewers see it, even if the sender's mailbox takes no notice.
            ledger.settle(decision.recipient, Fate.HELD, "" if told is Told.YES else "sender cannot be told")
        elif told is Told.YES:
            ledger.settle(decision.recipient, Fate.TOLD)
        else:
            ledger.settle(decision.recipient, Fate.TRY_AGAIN, "sender not told yet")
    for refusal in ledger.refusals:
        if told is Told.YES:
            ledger.settle(refusal.recipient, Fate.TOLD, f"refused {refusal.code}")


def _tell(ledger: Ledger, stopped: list[Decision], ports: Ports) -> Told:
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
    notice = ports.notices.compose(ledger.message, ledger.envelope, stopped, ledger.refusals, ports.clock.now())
    return hand_over(notice, ports.next_hop)
