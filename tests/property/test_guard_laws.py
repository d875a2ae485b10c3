"""The guard's laws: total on any addresses, and monotone: it never lets go what would not go without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.acquaintance import Acquaintance, Written
from domain.decision import Action, Obligation
from domain.guard import Guard, GuardRules, Kind, Suspicion
from domain.model import Address, Analysis
from domain.policy import Facts, decide
from domain.ruling import Ruling
from domain.tags import Concern, Tags
from gateway.lookalike import Confusables
from tests import build
from tests.build import ANN, BEN, NOW, OFFICER, RULES

HOUSES = ("surgery.example", "surgry.example", "surg\u0435ry.example", "xn--80ak6aa92e.com", "xn--a", "", ".", "\u202e")
LOCALS = ("jane.brown", "jane.browne", "jane", "j", "", "\u0441arer", "a@b", "x" * 400)
ADDRESSES = st.builds(lambda a, b: Address.of(f"{a}@{b}"), st.sampled_from(LOCALS), st.sampled_from(HOUSES))
ANYTHING = st.one_of(ADDRESSES, st.builds(Address.of, st.text(max_size=30)))
WRITTEN = st.builds(
    Written,
    ANYTHING.map(lambda a: a.key),
    st.sampled_from(["", ANN, BEN]),
    st.integers(1, 9),
    st.integers(-5, 900).map(lambda d: NOW - timedelta(days=d)),
)
KNOWN = st.builds(
    Acquaintance,
    st.lists(WRITTEN, max_size=6).map(tuple),
    st.frozensets(ANYTHING.map(lambda a: a.key), max_size=4),
    st.frozensets(st.sampled_from(HOUSES), max_size=4),
)
LOOKS = Confusables()


@given(st.lists(ANYTHING, min_size=1, max_size=4).map(tuple), KNOWN, st.booleans(), st.integers(0, 30))
@settings(max_examples=300, deadline=None)
def test_the_guard_answers_for_any_addresses(to, known, private, shown):
    names = {to[-1]: ("jane", "brown")}
    guard = Guard(to, frozenset({ANN}), shown, frozenset(to[:1]), known, GuardRules(), LOOKS, private, names)
    found = guard.suspicions(NOW)
    assert set(found) <= set(to)
    for recipient, doubts in found.items():
        assert doubts
        assert len({d.kind for d in doubts}) == len(doubts)
        assert all(d.instead != recipient.key or not d.instead for d in doubts)
        assert private or {d.kind for d in doubts} <= {Kind.TOO_MANY_VISIBLE, Kind.HARMLESS}
        by_sight = {Kind.LOOK_ALIKE, Kind.NEIGHBOUR}
        assert not (private and recipient in to[:1] and by_sight & {d.kind for d in doubts})
    assert guard.suspicions(NOW) == found


NUMBERS = st.builds(
    GuardRules,
    remember=st.integers(1, 1000).map(lambda d: timedelta(days=d)),
    often=st.integers(1, 12),
    visible=st.integers(1, 30),
)


NO_DOMAIN = Acquaintance(registered=frozenset({""}), domains=frozenset({"\u202e"}))


@given(st.lists(ANYTHING, min_size=1, max_size=4).map(tuple), KNOWN, st.booleans(), st.integers(0, 30), NUMBERS)
@example((Address.of("jane.brown@"),), NO_DOMAIN, False, 0, GuardRules())
@settings(max_examples=400, deadline=None)
def test_what_is_kept_gives_the_same_doubts_by_any_numbers(to, known, private, shown, numbers):
    """What ``policy diff`` tries another policy on, against all that was known."""
    guard = Guard(to, frozenset({ANN}), shown, frozenset(to[:1]), known, numbers, LOOKS, private)
    looked = guard.looked()
    again = replace(guard, visible=looked.visible, known=looked.known)
    kinds = {r: [d.kind for d in doubts] for r, doubts in guard.suspicions(NOW).items()}
    assert {r: [d.kind for d in doubts] for r, doubts in again.suspicions(NOW).items()} == kinds
    assert len(looked.known.written) <= len(known.written)


DOUBTS = st.lists(st.builds(Suspicion, st.sampled_from(Kind), st.sampled_from(["", "x@y.example"])), max_size=4)
ACCEPTS = st.frozensets(st.sampled_from([*(k.value for k in Kind), "unreadable", "no-permission"]))
ROLES = st.sampled_from([(), (build.party(),), (build.party(household="elsewhere"),)])


@given(DOUBTS, ACCEPTS, ROLES, st.booleans(), st.booleans(), st.sampled_from([None, *Concern]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_the_guard_never_lets_go_what_would_not_go_without_it(doubts, accepts, role, harmless, keys, urgent, staff):
    """Whatever it doubts, and whatever is confirmed: the action is never a milder one, nor another protection."""
    to = build.CARER
    officer = {OFFICER: (build.party(build.PartyKind.OFFICER),)}
    known = build.circle(build.person(), parties={to: role} | officer, staff=(to,) if staff else ())
    facts = build.facts(known=known, keys=None if keys else {}, analysis=Analysis() if harmless else None)
    rulings = {to: Ruling(to, accepts)}
    facts = replace(facts, tags=Tags(urgent=urgent), rulings=rulings)
    (before,) = decide(facts, RULES)
    (after,) = decide(replace(facts, doubts={to: tuple(doubts)}), RULES)
    assert after.action >= before.action
    assert after.action is Action.HOLD or (after.action, after.method) == (before.action, before.method)
    lost = before.obligations - after.obligations
    assert not lost or after.action is Action.HOLD
    assert Obligation.TELL_SENDER in after.obligations or after.action < Action.HOLD


@given(DOUBTS)
@settings(max_examples=50, deadline=None)
def test_without_a_guard_nothing_changes(doubts):
    """An empty mapping, another recipient's doubts, and no guard at all are the same decision."""
    facts: Facts = build.facts()
    other = {Address.of("other@carers.example"): tuple(doubts)}
    assert decide(facts, RULES) == decide(replace(facts, doubts={}), RULES)
    assert decide(facts, RULES) == decide(replace(facts, doubts=other), RULES)
