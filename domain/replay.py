"""What another policy would have decided on the same facts. Pure.

A mail that was harmless then left facts without the register's, which nobody asked for. If it is not harmless under
one of the policies, what would have been decided cannot be told, and that is said. So it is of harmless mail where the
new policy lets fewer addresses stand in To and Cc.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain import permission
from domain.acquaintance import Looks
from domain.decision import Basis, Decision
from domain.model import Address
from domain.permission import Relation
from domain.policy import Facts, decide, harmless
from domain.rules import Rules
from domain.vouching import doubted_anew

NOT_ASKED = "not asked"
"""In place of a relation, where the register was not asked because the mail was harmless."""


class Change(StrEnum):
    """How two decisions for one recipient compare."""

    NONE = "the same"
    GROUND = "another rule, ground or duty"
    ACTION = "another action"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Compared:
    """One recipient of one mail under two policies. ``relations`` are what they are to the people it is about."""

    recipient: Address
    relations: tuple[str, ...]
    change: Change
    before: Decision
    after: Decision


def compare(facts: Facts, old: Rules, new: Rules, looks: Looks) -> Iterator[Compared]:
    """One for each recipient, in the envelope's order. Total. ``looks`` as the guard's."""
    unknown = not asked(facts) and not (harmless(facts, old) and harmless(facts, new))
    unknown = unknown or _crowd_not_counted(facts, old, new)
    first, second = (decide(doubted_anew(facts, rules, looks), rules) for rules in (old, new))
    for before, after in zip(first, second, strict=True):
        change = Change.UNKNOWN if unknown else _change(before, after)
        yield Compared(before.recipient, relations(facts, before.recipient), change, before, after)


def _crowd_not_counted(facts: Facts, old: Rules, new: Rules) -> bool:
    """A harmless mail's To and Cc were only counted where they had more than the number of that day."""
    return facts.looked is None and not asked(facts) and new.guard.visible < old.guard.visible


def asked(facts: Facts) -> bool:
    """Whether the register was asked: it then says of every recipient which keys there are, even if none are."""
    return bool(facts.keys)


def relations(facts: Facts, recipient: Address) -> tuple[str, ...]:
    """What a recipient is to the mail's people; without people what the register knows them as."""
    if not asked(facts):
        return (NOT_ASKED,)
    if recipient in facts.circle.staff:
        return (Relation.STAFF,)
    parties = facts.circle.parties.get(recipient, ())
    found = {str(permission.relation(p, known)) for p in parties for known in facts.circle.people.values()}
    return tuple(sorted(found or {str(p.kind) for p in parties})) or (Relation.STRANGER,)


def _change(before: Decision, after: Decision) -> Change:
    if (before.action, before.method) != (after.action, after.method):
        return Change.ACTION
    return Change.NONE if _grounds(before) == _grounds(after) else Change.GROUND


def _grounds(decision: Decision) -> tuple[frozenset[tuple[str, Basis | None]], frozenset[str]]:
    return frozenset((r.rule, r.basis) for r in decision.decisive), frozenset(decision.obligations)
