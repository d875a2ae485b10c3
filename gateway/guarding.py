"""The guard against misdirected mail, asked for one mail: what ``domain/guard.py`` needs is gathered and handed to it.

Asked by step 5, for mail that is not harmless or that shows many addresses; plain mail costs one count of a character.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.decision import Action, Reason
from domain.guard import Guard
from domain.model import Address, Message
from domain.policy import Facts, confidential
from domain.rules import Rules
from domain.sharing import Sharing
from gateway.mime.fields import header_fields
from gateway.mime.words import addresses

if TYPE_CHECKING:
    from gateway.pipeline import Ports

_ENOUGH = 64 * 1024
"""Octets of one field: more addresses than any policy lets stand there."""
_SHOWN = frozenset({"to", "cc", "resent-to", "resent-cc"})


def visible(message: Message, domains: Collection[str], most: int) -> int:
    """How many addresses outside ``domains`` (folded) its To and Cc show, where they are more than ``most``; else 0."""
    if message.raw.count(b"@", 0, message.body_offset) <= most:
        return 0
    values = [field.value[:_ENOUGH] for field in header_fields(message.raw) if field.name in _SHOWN]
    shown = {a for value in values for a in addresses([value])}  # apart: one that cannot be read hides no other
    count = sum(not a.belongs_to(domains) for a in shown)
    return count if count > most else 0


def guarded(facts: Facts, shown: int, ports: Ports, *, private: bool) -> Facts:
    """The same with the guard's doubts, where there is an officer and somebody outside; ``shown`` as :func:`visible`.

    Raises ``RegisterUnavailable``, ``VaultUnavailable``.
    """
    outside = tuple(r for r in facts.recipients if r not in facts.circle.staff)
    if not outside or not facts.sender.key:
        return facts
    guard = Guard(
        outside=outside,
        people=facts.subjects.people - facts.subjects.weak,
        visible=shown,
        vouched=frozenset(r for r in outside if _vouched(facts, r, ports.rules)),
        known=ports.correspondents.known(facts.sender, outside),
        rules=ports.rules.guard,
        looks=ports.correspondents.looks,
        private=private,
    )
    return replace(facts, doubts=guard.suspicions(facts.circle.at))


def _vouched(facts: Facts, recipient: Address, rules: Rules) -> bool:
    """Whether the register has this very mailbox, not only its domain, and nothing there stands against the sharing."""
    parties = facts.circle.parties.get(recipient, ())
    if all(p.ref == p.organisation for p in parties):
        return False
    return all(r.action < Action.HOLD for r in _of_the_register(facts, recipient, rules))


def _of_the_register(facts: Facts, recipient: Address, rules: Rules) -> Iterator[Reason]:
    found = confidential(facts.analysis, facts.subjects, rules)
    return Sharing(recipient, facts.circle, rules).reasons(facts.subjects, found)
