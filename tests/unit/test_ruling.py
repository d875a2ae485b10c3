"""A reviewer's ruling settles doubts, and nothing else: whether something may be shared is the register's to say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.policy import load
from domain.decision import Action, Decision
from domain.errors import ConfigurationError
from domain.model import Analysis, Category, Unreadable, UnreadableReason
from domain.policy import Facts, decide
from domain.rules import Condition
from domain.ruling import Ruling, needs_two_people, not_acceptable
from domain.subjects import match
from domain.trace import trace
from tests import build
from tests.build import ANN, BEN, CARER, RULES

HELD = RULES.held
UNREAD = Analysis(findings=(build.finding(),), unreadable=(Unreadable("3", UnreadableReason.ENCRYPTED, "letters.zip"),))


def ruled(facts: Facts, *accepts: str, **more: object) -> Decision:
    """The decision with a ruling on the carer's copy."""
    ruling = Ruling(CARER, accepts=frozenset(accepts), **more)  # type: ignore[arg-type]
    (decision,) = decide(replace(facts, rulings={CARER: ruling}), RULES)
    return decision


def allowed() -> Facts:
    """Ann's form names her carer."""
    grant = build.Grant(frozenset({"carer-1"}), frozenset(Category))
    known = build.circle(build.person(ANN, build.permission(grant)), parties={CARER: (build.party(),)})
    return build.facts(CARER, known=known, analysis=UNREAD)


def test_a_doubt_that_was_looked_into_gives_way_to_protection() -> None:
    """And the decision says what it would have been otherwise."""
    assert decide(allowed(), RULES)[0].action is Action.HOLD
    decision = ruled(allowed(), "unreadable")
    assert decision.action is Action.ENCRYPT
    (reason,) = (r for r in decision.reasons if r.rule == Condition.REVIEWER_RELEASED)
    assert "A reviewer looked at it" in reason.why
    assert "cannot be read" in reason.why


def test_what_the_reviewer_did_not_accept_still_holds() -> None:
    assert ruled(allowed(), "type-disagrees").action is Action.HOLD


def test_permission_that_was_withdrawn_meanwhile_holds_whatever_the_reviewer_accepts() -> None:
    """Promise 5: the mail is decided anew, with what the register says now."""
    withdrawn = build.circle(
        build.person(ANN, build.permission(withdrawn_days_ago=0)), parties={CARER: (build.party(),)}
    )
    decision = ruled(replace(allowed(), circle=withdrawn), *HELD.acceptable, "withdrawn")
    assert decision.action is Action.HOLD
    assert "withdrawn" in {r.rule for r in decision.decisive}


def test_without_a_key_nothing_leaves() -> None:
    decision = ruled(replace(allowed(), keys={}), "unreadable", "no-usable-key")
    assert (decision.action, decision.decisive[0].rule) == (Action.HOLD, "no-usable-key")


def test_what_is_not_what_it_was_taken_for_leaves_as_it_came() -> None:
    """All findings taken back: nothing confidential is left. Taken back in part: the rest still counts."""
    facts = build.facts(CARER, subjects=match([build.mention(BEN)]), known=build.circle(parties={}))
    assert decide(facts, RULES)[0].action is Action.HOLD
    cleared = ruled(facts, is_not=frozenset({Category.MEDICAL}))
    assert (cleared.action, cleared.decisive[0].rule) == (Action.RELAY, Condition.REVIEWER_CLEARED)
    assert ruled(facts, is_not=frozenset({Category.LEGAL})).action is Action.HOLD


def test_a_ruling_is_on_one_recipient_alone() -> None:
    other = build.Address.of("other@carers.example")
    facts = build.facts(CARER, other, analysis=UNREAD)
    ruling = Ruling(CARER, accepts=HELD.acceptable)
    mine, theirs = decide(replace(facts, rulings={CARER: ruling}), RULES)
    assert "unreadable" not in {r.rule for r in mine.reasons}
    assert "unreadable" in {r.rule for r in theirs.reasons}


@given(st.sets(st.sampled_from(sorted(Condition))), st.sampled_from([UNREAD, Analysis(findings=(build.finding(),))]))
def test_no_acceptance_lets_anything_confidential_leave_in_the_clear(accepts: set[str], analysis: Analysis) -> None:
    """Promise 1: only taking a finding back can end in RELAY."""
    facts = build.facts(CARER, subjects=match([]), analysis=analysis)
    assert ruled(facts, *accepts).action >= Action.ENCRYPT


def test_who_else_has_to_agree() -> None:
    assert needs_two_people(Ruling(CARER, is_not=frozenset({Category.MEDICAL})), HELD)
    assert needs_two_people(Ruling(CARER, accepts=frozenset({"unreadable"})), HELD)
    assert not needs_two_people(Ruling(CARER, accepts=frozenset({"person-unsure"})), HELD)
    assert needs_two_people(Ruling(CARER, accepts=frozenset({"person-ambiguous"})), HELD), "none of them: nobody's form"
    assert not needs_two_people(Ruling(CARER, about=frozenset({"p-ann"})), HELD), "one of them: the register says"
    assert not_acceptable(Ruling(CARER, accepts=frozenset({"withdrawn", "unreadable"})), HELD) == {"withdrawn"}


def test_the_trace_tells_of_the_ruling() -> None:
    facts = replace(allowed(), rulings={CARER: Ruling(CARER, accepts=frozenset({"unreadable"}))})
    (decision,) = decide(facts, RULES)
    holding = dict(trace(facts, RULES, decision).conditions)
    assert holding[Condition.REVIEWER_RELEASED]
    assert not holding[Condition.REVIEWER_CLEARED]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ('acceptable = ["withdrawn"]', "'withdrawn', which is no doubt"),
        ('acceptable = ["no-usable-key"]', "'no-usable-key', which is no doubt"),
        ('acceptable = []\ntwo_people = ["unreadable"]', "two people for 'unreadable'"),
        ('accepted = ["unreadable"]', "'accepted', which is not known"),
    ],
)
def test_a_policy_that_lets_reviewers_overrule_the_register_is_refused(tmp_path, held: str, said: str) -> None:
    source = build.Path(build.__file__).parent.parent / "config" / "policy.toml"
    text = source.read_text(encoding="utf-8")
    start, end = text.index("[held]"), text.index("# ------")
    policy = tmp_path / "policy.toml"
    policy.write_text(f"{text[:start]}[held]\n{held}\n\n{text[end:]}", encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        load(policy)
    assert said in error.value.public


def test_every_two_people_rule_is_acceptable_and_the_lists_are_not_the_same() -> None:
    assert HELD.two_people < HELD.acceptable
