"""The decision table is total, safe and readable, or start-up is refused."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from config.policy import load
from domain.decision import Action, Decision, Reason
from domain.errors import ConfigurationError
from domain.model import Category
from domain.permission import PermissionState, Relation
from tests.build import CARER, RULES

SOURCE = Path("config/policy.toml").read_text(encoding="utf-8")

NOBODY_TO_TELL = SOURCE[SOURCE.index("[conditions.nobody-to-tell]") : SOURCE.index("[conditions.secure-asked]")]


def load_changed(tmp_path: Path, old: str, new: str):
    assert old in SOURCE
    path = tmp_path / "policy.toml"
    path.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    return load(path)


def test_every_case_has_an_answer():
    """960 cases; none of them lets a confidential document out in the clear."""
    for case in product(Relation, PermissionState, Category):
        assert RULES.sharing_for(case).action in {Action.ENCRYPT, Action.HOLD, Action.REJECT}


def test_only_the_person_the_regulator_and_staff_pass_a_withdrawal():
    """Withdrawn is withdrawn for everybody else."""
    passed = {
        relation
        for relation, category in product(Relation, Category)
        if RULES.sharing_for((relation, PermissionState.WITHDRAWN, category)).action is Action.ENCRYPT
    }
    assert passed == {Relation.SELF, Relation.REGULATOR, Relation.STAFF}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('permission = ["missing"]', 'permission = ["granted"]', "no rule for"),
        ('action = "encrypt"\nbasis = "the person themselves"', 'action = "relay"', "leave in the clear"),
        ('[conditions.unreadable]\naction = "hold"', '[conditions.unreadable]\naction = "relay"', "must hold"),
        ("[conditions.unreadable]", "[conditions.unredable]", "not known"),
        (NOBODY_TO_TELL, "", "missing"),
        ('obligations = ["name the person"]', 'obligation = ["name the person"]', "says 'obligation'"),
        ('id = "self"', 'id = "self"\nrelations = ["family"]', "'self' says 'relations'"),
        ("days = 365", "days = 365\nday = 3", "[reviews] says 'day'"),
        ("methods =", "threshhold = 0.1\nmethods =", "the file says 'threshhold'"),
        (
            'permission = ["review-overdue", "missing", "no-best-interests-decision"]',
            'permission = ["not-named"]',
            "can never apply",
        ),
        ('methods = ["protected PDF", "OpenPGP", "S/MIME"]', "methods = []", "no way of protecting"),
        ("threshold = 0.5", "threshold = 0", "between 0 and 1"),
        ('id = "self"', "", "no id"),
        ('relation = ["self"]', "relation = []", 'write ["*"]'),
        ('action = "reject"', 'action = "bin"', "not one of"),
        ('why = "Nothing confidential was found"', "", "does not say why"),
        ("threshold = 0.5", "threshold = = 0.5", "not well formed"),
    ],
)
def test_a_bad_table_is_refused_with_a_sentence(tmp_path, old, new, says):
    with pytest.raises(ConfigurationError) as caught:
        load_changed(tmp_path, old, new)
    assert says in caught.value.public


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="policy file"):
        load(tmp_path / "none.toml")


def test_a_decision_needs_a_reason_and_a_method_only_to_encrypt():
    """Promise 6, as a type."""
    reason = Reason("r", Action.ENCRYPT, "why")
    with pytest.raises(ValueError, match="without a reason"):
        Decision(CARER, Action.RELAY, ())
    with pytest.raises(ValueError, match="ENCRYPT"):
        Decision(CARER, Action.ENCRYPT, (reason,))
