"""Held mail as it would be decided now: what was found stays as recorded, all that the register says is read anew.

For people who look through what is held. It decides nothing: a mail that is sent again, or released, is decided anew by
the pipeline. Input: our own rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.decision import Decision
from domain.model import Address
from domain.policy import Facts, decide
from domain.ports import Protector, Register
from domain.rules import Rules
from gateway.protecting import examine_keys
from vault import recorded


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision needs, beside what was found in the mail."""

    rules: Rules
    register: Register
    protectors: Sequence[Protector]

    def look(self, held: Sequence[tuple[str, Address]], now: datetime) -> Mapping[tuple[str, Address], Decision]:
        """By record and recipient. Left out is what was found longer ago than it is kept (``journal.remember_days``).

        So is a recipient whom a reviewer added later: whom a mail may be about hangs on who reads it, too.

        Raises ``RegisterUnavailable``.
        """
        known = recorded.latest({record for record, _ in held})
        found = ((key, known.get(key[0])) for key in held)
        return {
            key: self._decide(facts, key[1], now)
            for key, facts in found
            if facts is not None and key[1] in facts.recipients
        }

    def _decide(self, facts: Facts, recipient: Address, now: datetime) -> Decision:
        """As the pipeline would for a mail in which just this was found."""
        circle = self.register.circle(facts.subjects.people, (recipient, facts.sender), now)
        keys = examine_keys(self.register.keys((recipient,)), self.protectors, now)
        (decision,) = decide(replace(facts, recipients=(recipient,), circle=circle, keys=keys), self.rules)
        return decision
