"""Rows of those whom mail goes to, into the tables."""

from __future__ import annotations

from collections.abc import Callable

from domain.model import folded
from domain.permission import PartyKind
from register import models as m
from register.importing.putting import find, put, since, strongest
from register.importing.reading import Row


def household(row: Row) -> str:
    """A carer's home."""
    return put(m.Household, {"code": row.text("id")}, {"name": row.text("name")})[1]


def team(row: Row) -> str:
    """Officers' team."""
    return put(m.Team, {"code": row.text("id")}, {"name": row.text("name")})[1]


def organisation(row: Row) -> str:
    """A surgery, a trust, a firm, a regulator."""
    values = {
        "name": row.text("name"),
        "domain": folded(row.text("domain")),
        "regulator": row.regulator(),
    }
    return put(m.Organisation, {"code": row.text("id")}, values)[1]


def party(kind: PartyKind) -> Callable[[Row], str]:
    """How rows of this kind are stored."""

    def store(row: Row) -> str:
        person = find(m.Person, "person", council_id=row.text("person")) if row.text("person") else None
        return party_row(row, kind, code=row.text("id"), person=person)

    return store


def party_row(row: Row, kind: PartyKind, code: str, person: m.Person | None) -> str:
    """Somebody with a mailbox, and the training that the row tells of."""
    home, team_code, employer = row.text("household"), row.text("team"), row.text("organisation")
    values = {
        "kind": kind.value,
        "name": row.text("name"),
        "email": row.email(),
        "approved": row.approved(),
        "approved_from": row.day("approved_from"),
        "approved_to": row.day("approved_to"),
        "role": row.text("role"),
        "language": row.text("language").lower(),
        "household": find(m.Household, "household", code=home) if home else None,
        "team": find(m.Team, "team", code=team_code) if team_code else None,
        "organisation": find(m.Organisation, "organisation", code=employer) if employer else None,
        "person": person,
        "starts": row.day("from"),
        "ends": row.day("to"),
        **since(row, "email_from", "household_from"),
    }
    stored, change = put(m.Party, {"code": code}, values)
    return strongest(change, *_trainings(row, stored))


def support(row: Row) -> str:
    """A carer stands in at another household."""
    carer = find(m.Party, "carer", code=row.text("party"))
    home = find(m.Household, "household", code=row.text("household"))
    keys = {"party": carer, "household": home, "starts": row.day("from")}
    return put(m.Support, keys, {"ends": row.day("to")})[1]


def earlier_household(row: Row) -> str:
    """Where a carer lived before."""
    carer = find(m.Party, "carer", code=row.text("party"))
    home = find(m.Household, "household", code=row.text("household"))
    keys = {"party": carer, "household": home, "starts": row.day("from")}
    return put(m.EarlierHousehold, keys, {"ends": row.day("to")})[1]


def earlier_mailbox(row: Row) -> str:
    """An address that somebody had before."""
    party = find(m.Party, "party", code=row.text("party"))
    keys = {"party": party, "email": row.email(), "starts": row.day("from")}
    return put(m.EarlierMailbox, keys, {"ends": row.day("to")})[1]


def _trainings(row: Row, stored: m.Party) -> list[str]:
    told = {m.Training.DATA_PROTECTION: row.day("trained_on"), m.Training.APPRAISAL: row.day("appraised_on")}
    keys = [{"party": stored, "kind": kind, "done_on": day} for kind, day in told.items() if day]
    return ["updated" for key in keys if put(m.Training, key, {})[1] == "created"]
