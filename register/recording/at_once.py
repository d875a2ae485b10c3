"""What is otherwise at once, and not from a day on: names and domains, teams, in which language somebody is written to.

What it was before is in the history that every row keeps. The last day of somebody's part is here, too.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

from domain.model import folded
from domain.permission import PartyKind
from register import models as m
from register.models.recorded import Recorded
from register.recording.frame import Impossible, changed, locked, recording, said, same

_Row = TypeVar("_Row", bound=Recorded)


def change_organisation(code: str, name: str, domain: str, now: datetime) -> m.Organisation:
    """What it is called, and its mail domain: for every address of that domain."""
    with recording("organisation changed", now):
        row = locked(m.Organisation, "organisation", code=code)
        return _with(row, name=said(name, "what it is called"), domain=folded(domain.strip()))


def make_regulator(code: str, *, regulator: bool, now: datetime) -> m.Organisation:
    """Whether it is one: a regulator may know without permission (``config/policy.toml``, rule "regulator")."""
    with recording("regulator changed", now):
        return _with(locked(m.Organisation, "organisation", code=code), regulator=regulator)


def change_team(code: str, name: str, now: datetime) -> m.Team:
    """What it is called."""
    with recording("team changed", now):
        return _with(locked(m.Team, "team", code=code), name=said(name, "what it is called"))


def join_team(officer: str, team: str, now: datetime) -> m.Party:
    """Which team an officer works in: its id, or empty for none. They see and change its people from now on."""
    with recording("team joined", now):
        row = locked(m.Party, "officer", code=officer)
        if row.kind != PartyKind.OFFICER.value:
            raise Impossible("Only an officer has a team.")
        return _with(row, team=locked(m.Team, "team", code=team) if team else None)


def write_in(party: str, language: str, now: datetime) -> m.Party:
    """In which language they wish to be written to (BCP 47); empty for the service's own."""
    with recording("language changed", now):
        return _with(locked(m.Party, "party", code=party), language=language)


def end_part(party: str, last_day: date | None, now: datetime) -> m.Party:
    """The last day of what they are: of a carer's approval, an officer's post, an authority. None: it has no end."""
    with recording("last day", now):
        row = locked(m.Party, "party", code=party)
        return _with(row, **{"approved_to" if row.kind == PartyKind.CARER.value else "ends": last_day})


def _with(row: _Row, **values: Any) -> _Row:
    return row if same(row, values) else changed(row, values)
