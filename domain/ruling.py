"""What a reviewer ruled on a mail that was held. Pure.

A ruling decides nothing by itself: it is one more fact, and the mail is decided anew, now. So whatever has changed
since it was held counts (promise 5): permission that was withdrawn meanwhile holds it again, and what was put right in
the register lets it go without the reviewer's having to accept anything. A reviewer settles what was doubtful: what a
document is, whom it is about. Whether it may be shared, the register alone says; protection never gives way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from domain.decision import Action, Decision, Reason
from domain.guard import GuardRules
from domain.model import Address, Category, Finding


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """``acceptable``: the doubts that a reviewer may let give way. ``two_people``: those of them that take a second.

    Names of conditions of the policy; ``config/policy.toml``, section ``[held]``.
    """

    acceptable: frozenset[str] = frozenset()
    two_people: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruling:
    """On one recipient's copy. ``accepts``: rules that the reviewer looked into and lets give way; ``about``: register
    references of those whom it is about; ``is_not``: kinds of document that it was taken for and is not.
    """  # noqa: D205 - one thought

    recipient: Address
    accepts: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    is_not: frozenset[Category] = frozenset()
    quiet: bool = False
    """Its sender did not write to this recipient, and is not told that they may not have it: the reviewer sees it."""


def corrected(found: Iterable[Finding], ruling: Ruling | None) -> tuple[Finding, ...]:
    """The findings without those that the reviewer says are mistaken."""
    return tuple(f for f in found if ruling is None or f.category not in ruling.is_not)


def after_review(reason: Reason, ruling: Ruling, released: Reason, rules: ReviewRules) -> Reason:
    """The reason itself; or ``released`` in its place: it was a doubt that the reviewer accepted, and may."""
    if reason.action is not Action.HOLD or reason.rule not in ruling.accepts & rules.acceptable:
        return reason
    return replace(released, why=f"{released.why}. Otherwise: {reason.why}", evidence=reason.evidence)


def needs_two_people(ruling: Ruling, rules: ReviewRules) -> bool:
    """Whether somebody else has to agree: to what may leave in the clear, and to what the policy calls high-risk."""
    return bool(ruling.is_not or ruling.accepts & rules.two_people)


def not_acceptable(ruling: Ruling, rules: ReviewRules) -> frozenset[str]:
    """What the ruling would accept and no reviewer may: the register has to be put right instead."""
    return ruling.accepts - rules.acceptable


def sender_may_settle(decision: Decision, rules: GuardRules) -> frozenset[str]:
    """The doubts about the address that hold it, where its sender may settle them all and nothing else holds it."""
    stops = frozenset(r.rule for r in decision.reasons if r.action >= Action.HOLD)
    return stops if decision.action is Action.HOLD and stops <= rules.sender_settles else frozenset()


def meant_instead(decision: Decision) -> str:
    """The known address that may be meant, folded; empty where none is. Whoever it is, the mail is decided anew."""
    if decision.action < Action.HOLD:
        return ""
    return next((r.instead for r in decision.reasons if r.instead), "")
