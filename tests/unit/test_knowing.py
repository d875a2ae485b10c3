"""How it stands with one recipient, as the command line and the pages say it."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.due import NONE_RECORDED, Due, Matter
from domain.knowing import RELATIONS, said
from domain.model import Category
from domain.permission import PermissionState, Relation
from tests.build import RULES


def test_what_is_treated_alike_stands_together_the_exceptions_first() -> None:
    states = dict.fromkeys(Category, PermissionState.NOT_COVERED) | {Category.MEDICAL: PermissionState.GRANTED}
    first, rest = said(Relation.PROFESSIONAL, states, RULES)
    assert (first.what, first.mail, first.state) == (Category.MEDICAL.label, "encrypted", PermissionState.GRANTED)
    assert (rest.what, rest.mail) == ("everything else", "held")


def test_one_way_for_all_is_everything() -> None:
    (only,) = said(Relation.STRANGER, dict.fromkeys(Category, PermissionState.NOT_NAMED), RULES)
    assert only.what == "everything"


def test_every_relation_has_words() -> None:
    assert set(RELATIONS) == set(Relation)


def test_the_last_day_of_what_is_due_is_said_where_there_is_one() -> None:
    midnight = datetime(2026, 12, 1, tzinfo=UTC)
    assert str(Due(Matter.KEY, "a", "b", midnight).until_day) == "2026-11-30"
    assert Due(Matter.KEY, "a", "b", None).until_day is None
    assert Due(Matter.TRAINING, "a", "b", midnight, note=NONE_RECORDED).until_day is None
