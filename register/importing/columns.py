"""What each type of row is made of: ``docs/register-csv.md`` as data."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS = (
    "type", "id", "name", "aliases", "date_of_birth", "nhs_number", "email", "person", "household",
    "email_from", "household_from", "officer_from", "changed_on",
    "organisation", "team", "officer", "domain", "role", "language", "status", "capacity", "capacity_from",
    "capacity_assessor", "capacity_notes", "left_on", "died_on",
    "approved_from", "approved_to", "trained_on", "appraised_on", "categories", "purposes", "party",
    "given_by", "how", "document", "signed_on", "review_due", "reviewed_on", "withdrawn_on", "from", "to",
    "decision", "circumstances", "regaining", "participation", "wishes", "consulted", "representative",
    "decision_maker", "basis", "concern", "reason", "decided_by",
)  # fmt: skip

NEEDS = {
    "household": ("id",),
    "team": ("id",),
    "organisation": ("id", "name"),
    "officer": ("id", "name", "email"),
    "person": ("id", "name"),
    "placement": ("person", "household", "from"),
    "carer": ("id", "name", "email", "household"),
    "support": ("party", "household", "from"),
    "professional": ("id", "name", "email"),
    "family": ("id", "name", "email", "person"),
    "representative": ("id", "name", "email", "person"),
    "earlier-household": ("party", "household", "to"),
    "earlier-mailbox": ("party", "email", "to"),
    "earlier-officer": ("person", "officer", "to"),
    "permission": ("id", "person", "signed_on", "review_due"),
    "best-interests": (
        *("id", "person", "signed_on", "review_due", "decision", "circumstances"),
        *("participation", "wishes", "consulted", "decision_maker"),
    ),
    "grant": ("role", "party", "categories"),
    "basis": ("id", "person", "basis", "reason", "decided_by", "party", "categories", "from", "to", "review_due"),
}
"""Each type of row, and what it cannot do without; in the order in which rows are stored."""

MAY_HAVE = {
    "household": ("name",),
    "team": ("name",),
    "organisation": ("domain", "role"),
    "officer": ("email_from", "team", "organisation", "role", "from", "to"),
    "person": (
        *("aliases", "date_of_birth", "nhs_number", "email", "email_from", "officer", "officer_from"),
        *("capacity", "capacity_from"),
        *("capacity_assessor", "capacity_notes", "left_on", "died_on", "language"),
    ),
    "placement": ("to",),
    "carer": (
        *("email_from", "household_from", "status", "approved_from", "approved_to"),
        *("trained_on", "appraised_on", "role", "language", "from", "to"),
    ),
    "support": ("to",),
    "professional": ("email_from", "organisation", "role", "language", "from", "to"),
    "family": ("email_from", "role", "language", "from", "to"),
    "representative": ("email_from", "role", "language", "from", "to"),
    "earlier-household": ("from",),
    "earlier-mailbox": ("from",),
    "earlier-officer": ("from",),
    "permission": ("given_by", "how", "document", "reviewed_on", "withdrawn_on"),
    "best-interests": ("regaining", "representative", "how", "document", "reviewed_on", "withdrawn_on"),
    "grant": ("purposes", "from", "changed_on", "withdrawn_on"),
    "basis": ("concern",),
}
"""What each type of row may say besides. A filled cell that is in neither list would be lost, so it is refused."""

_LIVES = "where somebody lives is a row of the type placement"
_STAYS = "how long somebody lives there is a row of the type placement"
_ENDS = "the last day goes under to"
_LINES = "who may know what is a row of the type grant"
_MEMBERS = "each of its people is a row of the type professional"
_INSTEAD = {
    ("person", "household"): _LIVES,
    ("person", "from"): _STAYS,
    ("person", "to"): _STAYS,
    ("person", "status"): "who left or died has the day under left_on or died_on",
    ("household", "person"): _LIVES,
    ("household", "from"): _STAYS,
    ("household", "to"): _STAYS,
    ("household", "officer"): "a person's row names the officer",
    ("carer", "person"): _LIVES,
    ("carer", "organisation"): "a carer belongs to a household",
    ("support", "id"): "a support carer is known by their id under party, the household and from",
    ("support", "person"): "whoever lives in the household is a row of the type placement",
    ("support", "status"): _ENDS,
    ("officer", "status"): _ENDS,
    ("professional", "status"): _ENDS,
    ("family", "status"): _ENDS,
    ("representative", "status"): _ENDS,
    ("organisation", "email"): _MEMBERS,
    ("organisation", "organisation"): "its own id goes under id",
    ("placement", "id"): "a placement is known by its person, household and from",
    ("placement", "name"): "the person's id goes under person",
    ("placement", "status"): _ENDS,
    ("permission", "party"): _LINES,
    ("permission", "categories"): _LINES,
    ("permission", "from"): "the day of signing goes under signed_on",
    ("permission", "to"): "the end goes under review_due or withdrawn_on",
    ("best-interests", "party"): _LINES,
    ("best-interests", "categories"): _LINES,
    ("best-interests", "given_by"): "who decided goes under decision_maker",
    ("grant", "id"): "the permission's id goes under role",
    ("grant", "person"): "the permission says whose it is; its id goes under role",
    ("grant", "organisation"): "an organisation's id goes under party, too",
    ("grant", "to"): "the day of a withdrawal goes under withdrawn_on",
}


def unused(kind: str, cells: Mapping[str, str]) -> str:
    """A sentence on the cells that are filled and that this type of row has no use for; empty if there are none."""
    known = {"type", *NEEDS[kind], *MAY_HAVE[kind]}
    names = [name for name in COLUMNS if cells.get(name) and name not in known]
    if not names:
        return ""
    hints = dict.fromkeys(_INSTEAD.get((kind, name), "") for name in names)
    said = "; ".join(h for h in hints if h) or f"leave {'it' if len(names) == 1 else 'them'} empty"
    return f"{_a(kind)} has no use for the {' and the '.join(names)}; {said}"


def missing(kind: str, cells: Mapping[str, str]) -> str:
    """A sentence on what this type of row cannot do without and does not say; empty if it is all there."""
    names = [name for name in NEEDS[kind] if not cells.get(name)]
    return f"{_a(kind)} needs the {' and the '.join(names)}" if names else ""


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
