"""The trace says how a decision came about, and never anything else than what was decided."""

from __future__ import annotations

from io import StringIO

from hypothesis import given
from rich.console import Console

from cli.explain_trace import as_json, print_trace
from domain.decision import Action
from domain.model import Category
from domain.permission import PartyKind, PermissionState, Relation
from domain.policy import Facts, decide
from domain.rules import Condition
from domain.tables import EVERY_CASE
from domain.tags import Concern, Tags
from domain.trace import looked_at, trace
from tests import build
from tests.build import ANN, CARER, OFFICER, RULES
from tests.unit.test_policy_table_facts import every_facts

_INSTEAD = {Condition.OTHER_NAMED.value, Condition.URGENT_RELEASE.value}


def test_the_rows_looked_at_are_those_up_to_the_one_that_fits() -> None:
    """For every case of the table: each earlier row with the reason why not, then the row of the decision."""
    order = [r.consequence.rule for r in RULES.sharing]
    for case in EVERY_CASE:
        *passed, fired = looked_at(RULES, case)
        assert fired.rule == RULES.sharing_for(case).rule
        assert not fired.misfits
        assert all(look.misfits for look in passed)
        assert [look.rule for look in passed] == order[: len(passed)]


def test_each_misfit_is_named() -> None:
    """Relation, permission or category, or several."""
    case = (Relation.CURRENT_CARER, PermissionState.NOT_NAMED, Category.LEGAL)
    why = {look.rule: look.misfits for look in looked_at(RULES, case)}
    assert why["safeguarding"] == ("permission",)
    assert why["regulator"] == ("relation",)
    assert why["carer-direct-care"] == ("category",)
    assert why["person-died"] == ("permission",)
    assert why["other-carer-named"] == ("relation", "permission")
    assert why["carer-need-to-know"] == ()


@given(every_facts)
def test_the_trace_agrees_with_the_decision(facts: Facts) -> None:
    """For any facts: every reason has its place in it, and every case ends in the reason that was given."""
    for decision in decide(facts, RULES):
        traced = trace(facts, RULES, decision)
        by_rows = [r for r in decision.reasons if r.category]
        assert [c.reason for c in traced.cases] == by_rows
        for case in traced.cases:
            row = case.options[case.chosen].consequence
            assert row.action == min(o.consequence.action for o in case.options)
            assert case.reason.rule in {row.rule} | _INSTEAD
        holding = {RULES.conditions[c].rule for c, holds in traced.conditions if holds}
        assert {r.rule for r in decision.reasons if not r.category} <= holding
        assert holding <= {r.rule for r in decision.reasons}


def test_for_staff_nothing_else_is_checked() -> None:
    """As it is decided."""
    facts = build.facts(known=build.circle(build.person(), staff=(CARER,)))
    (decision,) = decide(facts, RULES)
    assert trace(facts, RULES, decision).conditions == (
        (Condition.STAFF, True),
        (Condition.RECIPIENT_STOPPED, False),
    )


def test_a_row_with_a_conditions_name_is_not_that_condition() -> None:
    """The row 'staff' is for officers outside the council's domains; the condition 'staff' is for those inside."""
    facts = build.facts(known=build.circle(build.person(), parties={CARER: (build.party(PartyKind.OFFICER),)}))
    (decision,) = decide(facts, RULES)
    traced = trace(facts, RULES, decision)
    assert traced.cases[0].reason.rule == "staff"
    assert dict(traced.conditions)[Condition.STAFF] is False


def two_roles() -> Facts:
    """A carer of somebody else who is also family, and named by nobody."""
    roles = (build.party(PartyKind.CARER, household="elsewhere"), build.party(PartyKind.FAMILY))
    return build.facts(known=build.circle(build.person(), parties={CARER: roles}))


def test_of_two_roles_the_gentler_counts() -> None:
    """Both are shown, with what each would have led to."""
    facts = two_roles()
    (decision,) = decide(facts, RULES)
    (case,) = trace(facts, RULES, decision).cases
    assert [(o.relation, o.consequence.action) for o in case.options] == [
        (Relation.OTHER_CARER, Action.REJECT),
        (Relation.FAMILY, Action.HOLD),
    ]
    assert case.chosen == 1
    told = as_json(trace(facts, RULES, decision), {ANN: "SL-00001"})["cases"][0]
    assert (told["person"], told["rule"], [r["counts"] for r in told["roles"]]) == (
        "SL-00001",
        "no-permission",
        [False, True],
    )


def test_what_stands_in_the_place_of_a_row_is_told() -> None:
    """An urgent release by an officer of the register."""
    known = build.circle(build.person(), parties={OFFICER: (build.party(PartyKind.OFFICER),)})
    plain = build.facts(known=known)
    facts = Facts(**{n: getattr(plain, n) for n in plain.__dataclass_fields__} | {"tags": Tags(urgent=Concern.RISK)})
    (decision,) = decide(facts, RULES)
    text = printed(facts)
    assert decision.action is Action.ENCRYPT
    assert "So: HOLD by no-permission, in the place of which stands ENCRYPT by urgent-release" in text
    assert "Conditions that hold: urgent-release" in text


def printed(facts: Facts) -> str:
    out = StringIO()
    console = Console(file=out, width=120)
    for decision in decide(facts, RULES):
        print_trace(console, decision, trace(facts, RULES, decision), {ANN: "SL-00001"})
    return out.getvalue()


def test_people_see_a_rule_table() -> None:
    """A line a row, from the top to the one that fired, with what fits and what does not."""
    lines = printed(two_roles()).splitlines()
    assert any("SL-00001, medical information: family, missing" in line for line in lines)
    fired = [line.split() for line in lines if line.split()[:1] == ["no-permission"]]
    assert fired == [["no-permission", "fits", "fits", "fits", "HOLD"]]
    assert ["withdrawn", "fits", "no", "fits"] in [line.split() for line in lines]
    assert any("another role of this address" in line for line in lines)
