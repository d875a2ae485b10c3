"""The decision table as values, and the proof that it is total.

``config/policy.toml`` is read into these by ``config/policy.py``. Rows are tried in their
order; the first that fits wins. A table that leaves a case open, or has a row that can
never fire, is refused at start-up (empty is not success).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import chain, product

from domain.decision import Action, Basis, Method, Obligation
from domain.errors import ConfigurationError
from domain.guard import GuardRules, Kind
from domain.model import Category
from domain.permission import PermissionState, Relation, ReviewIntervals
from domain.ruling import ReviewRules
from domain.tags import Concern, TagWords

Case = tuple[Relation, PermissionState, Category]


class Condition(StrEnum):
    """What can be said of a whole message or of a recipient, apart from permission."""

    STAFF = "staff"
    NOTHING_FOUND = "nothing-found"
    UNREADABLE = "unreadable"
    TYPE_DISAGREES = "type-disagrees"
    PERSON_UNKNOWN = "person-unknown"
    PERSON_AMBIGUOUS = "person-ambiguous"
    PERSON_UNSURE = "person-unsure"
    PLACES_DISAGREE = "places-disagree"
    RECIPIENT_STOPPED = "recipient-stopped"
    NO_USABLE_KEY = "no-usable-key"
    PICK_UP = "pick-up"
    STRANGER_NAMED = "stranger-named"
    OTHER_NAMED = "other-named"
    NOBODY_TO_TELL = "nobody-to-tell"
    SECURE_ASKED = "secure-asked"
    TAG_UNKNOWN = "tag-unknown"
    URGENT_RELEASE = "urgent-release"
    URGENT_NOT_ALLOWED = "urgent-not-allowed"
    URGENT_OFF = "urgent-off"
    TRAINING_OVERDUE = "training-overdue"
    REVIEWER_RELEASED = "reviewer-released"
    REVIEWER_CLEARED = "reviewer-cleared"
    RECIPIENT_NEW = Kind.NEW.value
    RECIPIENT_LOOK_ALIKE = Kind.LOOK_ALIKE.value
    RECIPIENT_NEIGHBOUR = Kind.NEIGHBOUR.value
    TOO_MANY_VISIBLE = Kind.TOO_MANY_VISIBLE.value
    RECIPIENT_MISNAMED = Kind.MISNAMED.value
    HARMLESS_MISDIRECTED = Kind.HARMLESS.value
    SENDER_CONFIRMED = "sender-confirmed"


MISDIRECTED = frozenset(Condition(kind.value) for kind in Kind)
"""What the guard against misdirected mail says (``domain/guard.py``): each holds, or warns the sender."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows when a rule fires: the action, its ground, and the sentences people get."""

    rule: str
    action: Action
    why: str
    fix: str = ""
    basis: Basis | None = None
    obligations: frozenset[Obligation] = frozenset()

    @property
    def warns(self) -> bool:
        """It stops nothing, and its sender is told: in the file that is the action "warn"."""
        return self.action is Action.RELAY and Obligation.WARN_SENDER in self.obligations


@dataclass(frozen=True, slots=True)
class SharingRule:
    """One row: for these relations, permission states and categories, this consequence."""

    relations: frozenset[Relation]
    states: frozenset[PermissionState]
    categories: frozenset[Category]
    consequence: Consequence

    def fits(self, case: Case) -> bool:
        """Whether the row speaks about this case."""
        related, state, category = case
        return related in self.relations and state in self.states and category in self.categories


@dataclass(frozen=True, slots=True)
class Urgency:
    """What an officer may release at once: which rules give way, for which concerns, on what ground.

    ``review`` is the time in which the release has to be looked at afterwards.
    """

    overrides: frozenset[str] = frozenset()
    bases: Mapping[Concern, Basis] = field(default_factory=dict)
    review: timedelta = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole policy. ``threshold`` is the likelihood from which a finding counts as confidential.

    ``threshold_named`` is the same for a part that names somebody of the register. ``training`` is how
    long a carer's data-protection training lasts, ``appraisal`` how long after one appraisal the next is due.
    """

    version: str
    threshold: float
    sharing: tuple[SharingRule, ...]
    conditions: dict[Condition, Consequence]
    methods: tuple[Method, ...]
    threshold_named: float = 0.25
    tags: TagWords = field(default_factory=dict)
    reviews: ReviewIntervals = field(default_factory=ReviewIntervals)
    training: timedelta = timedelta(days=365)
    appraisal: timedelta = timedelta(days=365)
    urgency: Urgency = field(default_factory=Urgency)
    held: ReviewRules = field(default_factory=ReviewRules)
    guard: GuardRules = field(default_factory=GuardRules)
    pick_up: bool = False
    """Whether there is a place here where mail waits for those who have no key. The settings say so, not the policy."""

    def sharing_for(self, case: Case) -> Consequence:
        """The first row that fits. Total once :func:`check` has passed."""
        return next(rule.consequence for rule in self.sharing if rule.fits(case))


def check(rules: Rules) -> Rules:
    """The same rules, or ``ConfigurationError`` naming the first thing wrong with them."""
    for problem in chain(unfit(rules), _open_and_unreachable(rules)):
        raise ConfigurationError("policy table", public=f"The policy cannot be used: {problem}.")
    return rules


def unfit(rules: Rules) -> Iterator[str]:
    """All that is wrong with a policy, apart from cases that its table leaves open and rows that never apply."""
    yield from (f"the condition '{c}' is missing" for c in Condition if c not in rules.conditions)
    if not rules.methods:
        yield "no way of protecting a message is listed"
    if not all(method.by_key for method in rules.methods):
        yield "'pick-up' is for those who have no key, and is not one of the methods"
    if not 0 < rules.threshold_named <= rules.threshold < 1:
        yield "the thresholds must lie between 0 and 1, and threshold_named must not be the higher one"
    times = (rules.reviews.usual, rules.reviews.fluctuating, rules.training, rules.appraisal, rules.urgency.review)
    if min(times) <= timedelta(0):
        yield "the times for reviews and training must be longer than nothing"
    if min(rules.guard.remember, rules.guard.digest) <= timedelta(0) or min(rules.guard.often, rules.guard.visible) < 1:
        yield "the times and numbers of [guard] must be above zero"
    yield from (
        f"[guard] lets the sender settle '{name}', which is no doubt about the address"
        for name in rules.guard.sender_settles - MISDIRECTED
    )
    known = {rule.consequence.rule for rule in rules.sharing} | {Condition.TRAINING_OVERDUE} | MISDIRECTED
    yield from (f"[urgent] overrides '{name}', which is no sharing rule" for name in rules.urgency.overrides - known)
    yield from (
        f"[held] lets a reviewer accept '{name}', which is no doubt" for name in rules.held.acceptable - _DOUBTS
    )
    yield from (
        f"[held] asks for two people for '{name}', which nobody may accept"
        for name in rules.held.two_people - rules.held.acceptable
    )
    names = Counter(rule.consequence.rule for rule in rules.sharing)
    yield from (f"{count} rules have the id '{name}'" for name, count in names.items() if count > 1)
    yield from _unsafe(rules)


_MAY_RELAY = frozenset(
    {Condition.STAFF, Condition.NOTHING_FOUND, Condition.REVIEWER_CLEARED, Condition.SENDER_CONFIRMED}
)
_MAY_ENCRYPT = frozenset(
    {
        Condition.SECURE_ASKED,
        Condition.URGENT_RELEASE,
        Condition.TRAINING_OVERDUE,
        Condition.REVIEWER_RELEASED,
        Condition.PICK_UP,
    }
)
_DOUBTS = frozenset(
    {
        Condition.UNREADABLE,
        Condition.TYPE_DISAGREES,
        Condition.PERSON_UNKNOWN,
        Condition.PERSON_AMBIGUOUS,
        Condition.PERSON_UNSURE,
        Condition.PLACES_DISAGREE,
        Condition.STRANGER_NAMED,
        Condition.OTHER_NAMED,
        Condition.NOBODY_TO_TELL,
        Condition.TAG_UNKNOWN,
        Condition.URGENT_NOT_ALLOWED,
        Condition.URGENT_OFF,
        *MISDIRECTED,
    }
)
"""What a reviewer can settle by looking. Not how permission stands, and not that there is no key."""


def _unsafe(rules: Rules) -> Iterator[str]:
    """No setting may turn fail-closed into fail-open (promise 1)."""
    for condition, consequence in rules.conditions.items():
        if condition in _MAY_ENCRYPT and consequence.action < Action.ENCRYPT:
            yield f"'{condition}' must encrypt, hold or reject"
        if condition in MISDIRECTED:
            if not (consequence.action is Action.HOLD or consequence.warns):
                yield f"'{condition}' must warn or hold"
        elif condition not in _MAY_RELAY | _MAY_ENCRYPT and consequence.action < Action.HOLD:
            yield f"'{condition}' must hold or reject"
    for rule in rules.sharing:
        if rule.consequence.action is Action.RELAY:
            yield f"the rule '{rule.consequence.rule}' would let confidential documents leave in the clear"


def _open_and_unreachable(rules: Rules) -> Iterator[str]:
    used = set()
    for case in product(Relation, PermissionState, Category):
        found = next((n for n, rule in enumerate(rules.sharing) if rule.fits(case)), None)
        if found is None:
            yield "no rule for " + ", ".join(case)
        used.add(found)
    yield from (
        f"the rule '{r.consequence.rule}' can never apply" for n, r in enumerate(rules.sharing) if n not in used
    )
