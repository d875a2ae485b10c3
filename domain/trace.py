"""How a decision came about, row by row: for ``sallyport explain`` and whoever has to answer for it. Pure.

Nothing is decided here. The cases are the decision's own, and the rows are those of the table up to the one that fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.decision import Action, Decision, Reason
from domain.guard import Kind
from domain.model import Category
from domain.permission import PermissionState, Relation
from domain.policy import Facts, confidential
from domain.rules import Case, Condition, Consequence, Rules, SharingRule
from domain.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Look:
    """A row that was looked at, and in what it does not fit: relation, permission, category. In nothing if it fired."""

    rule: str
    misfits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """The recipient as one of the parties that share the address. ``looks`` ends with the row that fired."""

    relation: Relation
    state: PermissionState
    looks: tuple[Look, ...]
    consequence: Consequence


@dataclass(frozen=True, slots=True)
class TracedCase:
    """One person and category. The gentlest option counts, ``chosen`` is its place; ``reason`` is what came of it:
    the row's own, or what took its place (an urgent release, somebody named besides)."""  # noqa: D205, D209 - one thought

    person: str
    category: Category
    options: tuple[Option, ...]
    chosen: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Trace:
    """Of one recipient's decision. ``conditions`` are those that were checked, and whether each holds."""

    conditions: tuple[tuple[Condition, bool], ...]
    cases: tuple[TracedCase, ...]


def trace(facts: Facts, rules: Rules, decision: Decision) -> Trace:
    """How ``decision``, which these facts and rules gave, came about."""
    conditions = tuple((c, _holds(c, rules, decision)) for c in _checked(facts, rules, decision))
    sharing = Sharing(decision.recipient, facts.circle, rules)
    return Trace(conditions, tuple(_cases(facts, sharing, decision)))


def looked_at(rules: Rules, case: Case) -> tuple[Look, ...]:
    """The rows of the table from the top to the first that fits."""
    found = []
    for row in rules.sharing:
        look = Look(row.consequence.rule, tuple(_misfits(row, case)))
        found.append(look)
        if not look.misfits:
            break
    return tuple(found)


def _misfits(row: SharingRule, case: Case) -> Iterator[str]:
    related, state, category = case
    if related not in row.relations:
        yield "relation"
    if state not in row.states:
        yield "permission"
    if category not in row.categories:
        yield "category"


def _cases(facts: Facts, sharing: Sharing, decision: Decision) -> Iterator[TracedCase]:
    for reason in decision.reasons:
        person = facts.circle.people.get(reason.person)
        if reason.category is None or person is None:
            continue
        cases = [sharing.case(person, reason.category, party) for party in sharing.parties or (None,)]
        options = tuple(_option(sharing.rules, case) for case in cases)
        chosen = min(range(len(options)), key=lambda n, all_=options: all_[n].consequence.action)  # type: ignore[misc]
        yield TracedCase(reason.person, reason.category, options, chosen, reason)


def _option(rules: Rules, case: Case) -> Option:
    related, state, _ = case
    return Option(related, state, looked_at(rules, case), rules.sharing_for(case))


def _checked(facts: Facts, rules: Rules, decision: Decision) -> Iterator[Condition]:
    """In the order in which the policy asks; what depends on something else is left out where that is not so."""
    yield from (Condition.STAFF, Condition.RECIPIENT_STOPPED)
    if decision.recipient in facts.circle.staff:
        return
    if facts.tags:
        yield from (Condition.TAG_UNKNOWN, Condition.URGENT_NOT_ALLOWED, Condition.SECURE_ASKED)
    yield from (Condition.UNREADABLE, Condition.TYPE_DISAGREES)
    if confidential(facts.analysis, facts.subjects, rules):
        yield from _ABOUT_PEOPLE
    else:
        yield Condition.NOTHING_FOUND
    if facts.doubts is not None:
        yield from (Condition(kind.value) for kind in Kind)
    if decision.recipient in facts.rulings:
        yield Condition.SENDER_CONFIRMED
        yield from (Condition.REVIEWER_RELEASED, Condition.REVIEWER_CLEARED)
    no_key = Condition.PICK_UP if rules.pick_up else Condition.NO_USABLE_KEY
    for condition, looked in ((no_key, Action.ENCRYPT), (Condition.NOBODY_TO_TELL, Action.REJECT)):
        if decision.action is looked or _holds(condition, rules, decision):
            yield condition


_ABOUT_PEOPLE = (
    Condition.PERSON_UNKNOWN,
    Condition.PERSON_AMBIGUOUS,
    Condition.PERSON_UNSURE,
    Condition.STRANGER_NAMED,
    Condition.PLACES_DISAGREE,
    Condition.OTHER_NAMED,
    Condition.URGENT_RELEASE,
    Condition.TRAINING_OVERDUE,
)
_IN_PLACE_OF_A_ROW = frozenset({Condition.OTHER_NAMED, Condition.URGENT_RELEASE})


def _holds(condition: Condition, rules: Rules, decision: Decision) -> bool:
    """A row may have a condition's name; the reasons of rows have a category."""
    name, in_place = rules.conditions[condition].rule, condition in _IN_PLACE_OF_A_ROW
    return any(r.rule == name and (r.category is None or in_place) for r in decision.reasons)
