"""What is something else from a day on: where a carer lives, which mailbox is theirs, whose officer somebody is.

What held before ends the day before, by itself (``register.models.dated``). An earlier day than the one that is
recorded puts right when it began.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

from domain.model import folded
from domain.permission import PartyKind
from register import models as m
from register.models.dated import Dated
from register.recording.frame import Impossible, changed, locked, person_of, recording, same

_Row = TypeVar("_Row", bound=Dated)


def move_carer(carer: str, household: str, starts: date, now: datetime) -> m.Party:
    """A carer lives in that household from that day."""
    with recording("carer moved", now):
        row = locked(m.Party, "carer", code=carer)
        if row.kind != PartyKind.CARER.value:
            raise Impossible("Only a carer has a household of their own.")
        return _turned(row, "household_from", starts, household=locked(m.Household, "household", code=household))


def change_mailbox(party: str, email: str, starts: date, now: datetime) -> m.Party:
    """Mail to them goes to this address from that day; the one before is nobody's from then on."""
    with recording("mailbox changed", now):
        row, address = locked(m.Party, "party", code=party), folded(email.strip())
        local, at, domain = address.rpartition("@")
        if not (local and at and domain) or any(c.isspace() for c in address):
            raise Impossible("The e-mail address is not complete; write it as name@example.org.")
        return _turned(row, "email_from", starts, email=address)


def give_officer(council_id: str, officer: str, starts: date, now: datetime) -> m.Person:
    """Whose person somebody is from that day: an officer's id, or empty for nobody's."""
    with recording("officer changed", now):
        row = locked(m.Party, "officer", code=officer) if officer else None
        return _turned(person_of(council_id), "officer_from", starts, officer=row)


def _turned(row: _Row, since: str, starts: date, **value: Any) -> _Row:
    if same(row, value | {since: starts}):
        return row
    row.told = frozenset({since})
    return changed(row, value | {since: starts})
