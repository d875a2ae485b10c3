"""One place of a mail that points at somebody, and how surely."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.model import Evidence


class MatchedBy(StrEnum):
    """What pointed at the person."""

    TAG = "the officer's own tag"
    NHS_NUMBER = "NHS number"
    COUNCIL_ID = "council ID"
    NAME_AND_BIRTH = "name and date of birth"
    NAME = "name alone"
    CONTEXT = "first name or initials, of somebody whom the sender or a recipient knows"

    @property
    def strong(self) -> bool:
        """Enough on its own to say who it is."""
        return self not in {MatchedBy.NAME, MatchedBy.CONTEXT}


_IDENTIFIERS = frozenset({MatchedBy.NHS_NUMBER, MatchedBy.COUNCIL_ID, MatchedBy.NAME_AND_BIRTH})
"""What may be a stranger's: a number, or a date of birth, that nobody who is named has."""


class Role(StrEnum):
    """What somebody is in the part that names them."""

    ABOUT = "about"
    MENTIONED = "mentioned"
    CARER = "carer"
    PROFESSIONAL = "professional"

    @property
    def bystander(self) -> bool:
        """Somebody who is named for their work, and only shares a name with somebody of the register."""
        return self in {Role.CARER, Role.PROFESSIONAL}


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that points at one person, or at several who share a name (then ``people`` has more than one).

    An identifier that the register does not know points at nobody: ``people`` is empty. ``role`` is what the part says
    of whoever is named there.
    """

    people: frozenset[str]
    by: MatchedBy
    evidence: Evidence
    role: Role = Role.MENTIONED

    def __post_init__(self) -> None:
        if not self.people and self.by not in _IDENTIFIERS:
            raise ValueError("a mention of nobody")

    @property
    def hint(self) -> bool:
        """Whether it is less than a name."""
        return self.by is MatchedBy.CONTEXT

    @property
    def bystander(self) -> bool:
        """Whether somebody at work is named, who has no more than the name in common with somebody of the register."""
        return self.role.bystander and not self.by.strong


def without_doubt(mentions: Iterable[Mention]) -> frozenset[str]:
    """Those whom a mention names, and nobody else beside them."""
    return frozenset(person for m in mentions if len(m.people) == 1 for person in m.people)
