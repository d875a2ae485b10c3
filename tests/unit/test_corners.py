"""Corners of the rules that no mail comes to: refused settings, tables with holes, lines beyond reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.decision import Action
from domain.errors import ConfigurationError
from domain.model import Category
from domain.permission import PermissionState, Relation, ReviewIntervals, code_of, of_organisation, of_party
from domain.rules import Condition, Rules, check
from domain.tables import notes
from domain.tags import without_tags
from domain.trace import looked_at
from tests.build import RULES


def with_action(condition: Condition, action: Action) -> Rules:
    return replace(
        RULES, conditions={**RULES.conditions, condition: replace(RULES.conditions[condition], action=action)}
    )


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (with_action(Condition.SECURE_ASKED, Action.RELAY), "must encrypt, hold or reject"),
        (with_action(Condition.TAG_UNKNOWN, Action.ENCRYPT), "must hold or reject"),
        (replace(RULES, training=timedelta(0)), "longer than nothing"),
        (replace(RULES, reviews=ReviewIntervals(usual=timedelta(-1))), "longer than nothing"),
        (replace(RULES, threshold_named=0.9), "must not be the higher one"),
        (replace(RULES, urgency=replace(RULES.urgency, overrides=frozenset({"nobody"}))), "no sharing rule"),
    ],
)
def test_a_policy_that_would_let_go_is_refused(rules: Rules, says: str) -> None:
    """By name, and at start-up."""
    with pytest.raises(ConfigurationError) as refused:
        check(rules)
    assert says in refused.value.public


def test_a_row_that_can_never_apply_is_a_problem_and_no_note() -> None:
    """Notes tell of what is in order."""
    first = RULES.sharing[0]
    twin = replace(first, consequence=replace(first.consequence, rule="twin"))
    told = list(notes(replace(RULES, sharing=(first, twin, *RULES.sharing[1:]))))
    assert told
    assert not any("'twin' loses" in note for note in told)


def test_a_case_that_no_row_fits_is_looked_for_to_the_end() -> None:
    """Every row is shown with why it does not fit."""
    case = (Relation.STRANGER, PermissionState.MISSING, Category.MEDICAL)
    few = replace(RULES, sharing=RULES.sharing[:3])
    looks = looked_at(few, case)
    assert len(looks) == 3
    assert all(look.misfits for look in looks)


def test_a_subject_line_beyond_reason_is_left_as_it_is() -> None:
    """It is held as too large; nothing is taken out of it."""
    line = "[secure] " + "x" * 3_000
    assert without_tags(line, RULES.tags) == line


def test_names_in_a_form_lead_back_to_codes() -> None:
    """Of parties and organisations; an address is its own."""
    assert [code_of(n) for n in (of_party("C-1"), of_organisation("ORG-1"), "a@b.example")] == [
        "C-1", "ORG-1", "a@b.example",
    ]  # fmt: skip
