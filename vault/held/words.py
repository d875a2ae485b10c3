"""What is said about held mail to people who settle it: the same on the command line and on a page."""

from __future__ import annotations

from domain.decision import Action, Decision
from vault.held.history import Past
from vault.held.waiting import Waiting
from vault.models import HeldState, SettlementKind


def why(decision: Decision) -> str:
    """Why it did not leave, as one line."""
    return "; ".join(dict.fromkeys(r.why for r in decision.decisive))


def stands(row: Waiting) -> str:
    """Whether somebody is at it."""
    if row.settlement is None:
        return f"waits; its officer asks for it: {row.asked.why}" if row.asked else "waits"
    if row.settlement.second or row.settlement.state == "ordered":
        return "being settled"
    return f"release proposed by {row.settlement.by}: a second reviewer has to agree"


def became(past: Past) -> str:
    """What became of a copy that was held or refused, as one sentence without its end."""
    if past.state is HeldState.RELEASED:
        return f"sent to {past.to} instead, and not to {past.recipient}" if past.to else "sent"
    if past.state is HeldState.DISCARDED and past.kind != SettlementKind.REJECT:
        return "not sent: the next mail system refused it"
    return _ENDED[past.state]


_ENDED = {
    HeldState.HELD: "held: it waits for a reviewer",
    HeldState.REFUSED: "refused by the rules, and not sent",
    HeldState.DISCARDED: "rejected, and not sent",
    HeldState.RETURNED: "returned to its sender, and not sent",
    HeldState.SUPERSEDED: "decided anew: another entry stands for it",
}


def decided_now(decision: Decision | None) -> str:
    """What would become of it by the register as it is now, as a sentence without its end."""
    if decision is None:
        return "what becomes of it is decided once it is released"
    if decision.action >= Action.HOLD:
        return f"would still be {'held' if decision.action is Action.HOLD else 'refused'}: {decision.decisive[0].why}"
    return f"could leave now, {'encrypted' if decision.action is Action.ENCRYPT else 'as it is'}"
