"""Step 7: for each ENCRYPT decision, a protected message; the keys pass the gate first.

Whatever goes wrong here ends in HOLD (the key turned out unusable) or DEFER (try again),
never in the plain message (promise 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from domain.decision import Action, Decision, Obligation, Reason
from domain.errors import ProtectionFailed, UnusableKey
from domain.model import Address, Envelope, Message
from domain.outgoing import ProtectedMessage, Relayed
from domain.policy import OF_A_RELEASE, Facts, usable_keys
from domain.ports import KeyVerdict, Protector, StoredKey
from domain.reports import Reports
from domain.rules import Condition, Consequence
from domain.tags import without_tags
from gateway.mime.retitle import retitled

if TYPE_CHECKING:
    from gateway.pipeline import Ports


@dataclass(frozen=True, slots=True)
class Protected:
    """The decisions, some changed by what protecting found, and what may leave by them."""

    decisions: tuple[Decision, ...]
    outgoing: tuple[Relayed | ProtectedMessage, ...]


def examine_keys(
    stored: Mapping[Address, Sequence[StoredKey]], protectors: Sequence[Protector], now: datetime
) -> dict[Address, tuple[KeyVerdict, ...]]:
    """A verdict on every key, by the protector of its method; a key of no known method is unusable."""
    by_method = {p.method: p for p in protectors}
    return {
        address: tuple(
            by_method[k.method].examine(k, now)
            if k.method in by_method
            else KeyVerdict(k, usable=False, reason="it is of an unknown kind")
            for k in keys
        )
        for address, keys in stored.items()
    }


def protect_all(facts: Facts, decisions: Sequence[Decision], envelope: Envelope, ports: Ports) -> Protected:
    """All that may leave: one message for the RELAY recipients together, one for each ENCRYPT recipient (Bcc)."""
    trace = ports.trace(envelope, facts.message)
    arrived = cache(lambda: ports.arrived(facts.message.raw))  # asks name servers: for what is changed alone
    subject = without_tags(facts.message.subject, ports.rules.tags)
    final: list[Decision] = []
    outgoing: list[Relayed | ProtectedMessage] = []
    for decision in decisions:
        if decision.action is Action.ENCRYPT:
            changed, message = _protect(decision, facts, envelope, subject, ports)
            final.append(changed)
            if message is not None:
                results = b"" if message.ticket else arrived()  # a notice of pick-up is another mail
                outgoing.append(replace(message, trace=trace, reports=_reports(message, envelope), arrived=results))
        else:
            final.append(decision)
    in_clear = tuple(d for d in final if d.action is Action.RELAY)
    if in_clear:
        content = _as_it_came(facts.message, subject)
        reports = envelope.reports
        retold = content is not facts.message.raw
        results = arrived() if retold else b""
        outgoing.append(Relayed(envelope.sender, in_clear, content, envelope.options, trace, reports, retold, results))
    return Protected(tuple(final), tuple(outgoing))


def _reports(message: ProtectedMessage, envelope: Envelope) -> Reports:
    """As the sender asked; but no report brings back a notice of pick-up, whose link is for its reader alone."""
    return envelope.reports.headers_only() if message.ticket else envelope.reports


def _as_it_came(message: Message, subject: str) -> bytes:
    """Byte for byte; tags alone are taken out of the subject line."""
    return message.raw if subject == message.subject else retitled(message.raw, subject)


def _protect(
    decision: Decision, facts: Facts, envelope: Envelope, subject: str, ports: Ports
) -> tuple[Decision, ProtectedMessage | None]:
    keys = [v.key for v in usable_keys(facts, decision.recipient, ports.rules)]
    protector = next(p for p in ports.protectors if p.method is decision.method)
    try:
        message = protector.protect(facts.message, envelope, decision.recipient, keys, subject, ports.clock.now())
    except UnusableKey:
        return _instead(decision, ports.rules.conditions[Condition.NO_USABLE_KEY]), None
    except ProtectionFailed:
        return _instead(decision, _FAILED), None
    if message.recipient != decision.recipient:
        return _instead(decision, _FAILED), None
    return decision, message


_FAILED = Consequence(
    "protection-failed", Action.DEFER, "The mail could not be protected just now; it will be tried again"
)


def _instead(decision: Decision, consequence: Consequence) -> Decision:
    """The same decision, overtaken."""
    reason = Reason(consequence.rule, consequence.action, consequence.why, consequence.fix)
    obligations = decision.obligations - OF_A_RELEASE | consequence.obligations
    if consequence.action is Action.HOLD:
        obligations |= {Obligation.TELL_SENDER}
    return replace(
        decision, action=consequence.action, method=None, reasons=(*decision.reasons, reason), obligations=obligations
    )
