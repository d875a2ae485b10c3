"""How it stands with one recipient, in few lines: what is treated alike stands together, in the policy's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from domain.decision import Action
from domain.model import Category
from domain.permission import PermissionState, Relation
from domain.rules import Rules

RELATIONS = {r: r.value for r in Relation} | {
    Relation.STRANGER: "not in the register",
    Relation.SELF: "the person",
    Relation.CURRENT_CARER: "their carer",
    Relation.SUPPORT_CARER: "support carer",
    Relation.UNAPPROVED_CARER: "carer, not approved",
    Relation.OTHER_CARER: "somebody else's carer",
}
MAIL = {Action.ENCRYPT: "encrypted", Action.HOLD: "held", Action.REJECT: "refused"}


class Said(NamedTuple):
    """What becomes of a mail to them about these kinds (``everything`` else, or named ones), why, and how it stands."""

    what: str
    mail: str
    why: str
    state: PermissionState


def said(relation: Relation, states: Mapping[Category, PermissionState], rules: Rules) -> list[Said]:
    """One for each way in which the categories stand, the exceptions first."""
    groups: dict[tuple[Action, str, PermissionState], list[Category]] = {}
    for category, state in states.items():
        row = rules.sharing_for((relation, state, category))
        groups.setdefault((row.action, row.why, state), []).append(category)
    by_size = sorted(groups.items(), key=lambda item: len(item[1]))
    lines = [(", ".join(c.label for c in categories), *key) for key, categories in by_size[:-1]]
    lines.append(("everything else" if lines else "everything", *by_size[-1][0]))
    return [Said(what, MAIL[action], why, state) for what, action, why, state in lines]
