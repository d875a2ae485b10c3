"""What a notice offers the officer where the guard doubts an address: to settle it by a click or by one word.

Only where the policy leaves the doubt to the sender and nothing else holds the mail (``domain/ruling.py``). The address
that may be meant is one that this officer wrote to, or one that stands a letter beside in the register; it is told to
the officer alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.decision import Decision
from domain.guard import GuardRules
from domain.model import Address, Envelope, Message
from domain.ruling import meant_instead, sender_may_settle


@dataclass(frozen=True, slots=True)
class Offers:
    """``address`` gives where an answer to the notice about a mail goes, if answers are set up; ``console`` a link."""

    rules: GuardRules
    address: Callable[[bytes, Address], str] | None = None
    console: str = ""

    def lines(self, decisions: Sequence[Decision]) -> list[str]:
        """Paragraphs; none where there is nothing to settle."""
        confirm = any(sender_may_settle(d, self.rules) for d in decisions)
        instead = any(meant_instead(d) for d in decisions)
        if not (confirm or instead):
            return []
        return [*(self._by_answer(confirm=confirm, instead=instead) if self.address else []), *self._by_click()]

    def reply_to(self, message: Message, envelope: Envelope, decisions: Sequence[Decision]) -> str:
        """Where an answer goes; empty where none is asked for."""
        return self.address(message.raw, envelope.sender) if self.address and self.lines(decisions) else ""

    def _by_answer(self, *, confirm: bool, instead: bool) -> list[str]:
        said = ["Answer this message with one word, and nothing else above it."]
        if confirm:
            said.append("YES: the address is right, send it there.")
        if instead:
            said.append("OTHER: send it to the address that I meant, as named above.")
        return [" ".join(said)]

    def _by_click(self) -> list[str]:
        return [f"Or click in the console, under My sent mail: {self.console}"] if self.console else []


def meant(decision: Decision) -> str:
    """Beside the recipient's address in a notice: the one that may be meant."""
    other = meant_instead(decision)
    return f"{decision.recipient.text} (did you mean {other}?)" if other else decision.recipient.text
