"""Whether the register stands for an address, and the guard's doubts looked into once more by another policy. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.acquaintance import Looks
from domain.decision import Action, Reason
from domain.guard import Guard, Kind, Suspicion
from domain.model import Address
from domain.policy import Facts, confidential, harmless
from domain.rules import Rules
from domain.sharing import Sharing

_BY_NAME = frozenset({Kind.MISNAMED, Kind.HARMLESS})
"""Doubts that no number of the policy decides: they stay as they were."""


def vouched(facts: Facts, recipient: Address, rules: Rules) -> bool:
    """Whether the register has this very mailbox, not only its domain, and nothing there stands against the sharing."""
    parties = facts.circle.parties.get(recipient, ())
    if all(p.ref == p.organisation for p in parties):
        return False
    return all(r.action < Action.HOLD for r in _of_the_register(facts, recipient, rules))


def doubted_anew(facts: Facts, rules: Rules, looks: Looks) -> Facts:
    """The same with the doubts that these rules' guard has, where it is kept what the guard went by."""
    if facts.looked is None:
        return facts
    outside = tuple(r for r in facts.recipients if r not in facts.circle.staff)
    guard = Guard(
        outside=outside,
        people=facts.subjects.people - facts.subjects.weak,
        visible=facts.looked.visible,
        vouched=frozenset(r for r in outside if vouched(facts, r, rules)),
        known=facts.looked.known,
        rules=rules.guard,
        looks=looks,
        private=not harmless(facts, rules),
    )
    before, now = facts.doubts or {}, guard.suspicions(facts.circle.at)
    doubts = {r: (*_of(now, r, by_name=False), *_of(before, r, by_name=True)) for r in outside}
    return replace(facts, doubts={r: found for r, found in doubts.items() if found})


def _of(doubts: Mapping[Address, tuple[Suspicion, ...]], recipient: Address, *, by_name: bool) -> Iterator[Suspicion]:
    return (d for d in doubts.get(recipient, ()) if (d.kind in _BY_NAME) is by_name)


def _of_the_register(facts: Facts, recipient: Address, rules: Rules) -> Iterator[Reason]:
    found = confidential(facts.analysis, facts.subjects, rules)
    return Sharing(recipient, facts.circle, rules).reasons(facts.subjects, found)
