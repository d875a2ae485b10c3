"""What somebody may be in the console. Pure."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role is given from a day on, perhaps to a day, by somebody; an account may have several."""

    OFFICER = "officer"
    REVIEWER = "reviewer"
    BREACH = "breach-team"
    RECORDS = "records-officer"
    INSPECTOR = "inspector"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        """As people say it."""
        return _LABELS[self]


_LABELS = {
    Role.OFFICER: "Officer",
    Role.REVIEWER: "Reviewer",
    Role.BREACH: "Breach team",
    Role.RECORDS: "Records officer",
    Role.INSPECTOR: "Inspector",
    Role.OPERATOR: "Operator",
}
