"""Somebody or something comes into the register: people, those around them, organisations, households, teams.

Each refuses an id that is taken: whoever is there already is changed, not added again. A person's sealing key is made
by the worker within a minute (``cli/jobs``); what is filed about them before is sealed to the service's own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from domain.identifiers import valid_nhs_number
from domain.model import folded
from domain.permission import PartyKind
from register import models as m
from register.recording.frame import Impossible, locked, person_of, recording, said
from register.recording.lives import begin_placement


@dataclass(frozen=True, slots=True)
class NewPerson:
    """``household`` and ``officer`` are codes, and may be empty; ``starts`` is the first day of both."""

    council_id: str
    name: str = field(repr=False)
    others: Collection[str] = field(default=(), repr=False)
    born: date | None = field(default=None, repr=False)
    nhs_number: str = field(default="", repr=False)
    household: str = ""
    household_from: date | None = None
    officer: str = ""
    officer_from: date | None = None


@dataclass(frozen=True, slots=True)
class NewParty:
    """Somebody with a mailbox. Codes are empty where they do not fit the kind; ``person`` is a council ID.

    ``language`` is that in which they wish to be written to (BCP 47), empty for the service's own.
    """

    kind: PartyKind
    code: str
    name: str = field(repr=False)
    email: str = field(repr=False)
    role: str = ""
    household: str = ""
    organisation: str = ""
    person: str = ""
    team: str = ""
    language: str = ""
    starts: date | None = None


def add_person(new: NewPerson, now: datetime) -> m.Person:
    """A service user, with names, and where they live and whose they are as far as it is known."""
    with recording("person added", now):
        council_id = said(new.council_id, "which council ID they have")
        _free(m.Person.objects.filter(council_id__iexact=council_id), "council ID")
        row = m.Person(
            council_id=council_id,
            date_of_birth=new.born,
            nhs_number=_nhs_number(new.nhs_number) or None,
            officer=locked(m.Party, "officer", code=new.officer) if new.officer else None,
            officer_from=new.officer_from if new.officer else None,
        )
        row.save()
        main = said(new.name, "what they are called")
        for name in dict.fromkeys((main, *(n.strip() for n in new.others if n.strip()))):
            m.PersonName(person=row, name=name, main=name == main).save()
        if new.household:
            begin_placement(council_id, new.household, _needed(new.household_from), now)
    return row


def add_party(new: NewParty, now: datetime) -> m.Party:
    """A carer, an officer, a professional, somebody of the family, a representative."""
    with recording(f"{new.kind.value} added", now):
        code = _code(new.code)
        carer = new.kind is PartyKind.CARER
        row = m.Party(
            kind=new.kind.value,
            code=code,
            name=said(new.name, "what they are called"),
            email=folded(said(new.email, "which e-mail address they have")),
            role=new.role.strip(),
            language=new.language,
            household=locked(m.Household, "household", code=new.household) if new.household else None,
            organisation=locked(m.Organisation, "organisation", code=new.organisation) if new.organisation else None,
            person=person_of(new.person) if new.person else None,
            team=locked(m.Team, "team", code=new.team) if new.team else None,
            approved_from=new.starts if carer else None,
            household_from=new.starts if carer else None,
            starts=None if carer else new.starts,
        )
        row.save()
    return row


def add_organisation(code: str, name: str, domain: str, now: datetime) -> m.Organisation:
    """A surgery, a trust, a firm. Whether it is a regulator is a step of its own: that may know without permission."""
    with recording("organisation added", now):
        row = m.Organisation(code=_code(code), name=said(name, "what it is called"), domain=folded(domain.strip()))
        row.save()
    return row


def add_household(code: str, name: str, now: datetime) -> m.Household:
    """A carer's home."""
    with recording("household added", now):
        code = said(code, "which id it has")
        _free(m.Household.objects.filter(code__iexact=code), "id")
        row = m.Household(code=code, name=name.strip())
        row.save()
    return row


def add_team(code: str, name: str, now: datetime) -> m.Team:
    """Officers who work together."""
    with recording("team added", now):
        code = said(code, "which id it has")
        _free(m.Team.objects.filter(code__iexact=code), "id")
        row = m.Team(code=code, name=said(name, "what it is called"))
        row.save()
    return row


def _code(typed: str) -> str:
    """Parties and organisations share their ids: a form's line names either by it."""
    code = said(typed, "which id it has")
    for table in (m.Party, m.Organisation):
        _free(table.objects.filter(code__iexact=code), "id")
    return code


def _free(rows: QuerySet[Any], what: str) -> None:
    if rows.exists():
        raise Impossible(f"The register has this {what} already. Find it, and change what is there.")


def _nhs_number(typed: str) -> str:
    digits = typed.replace(" ", "").replace("-", "")
    if digits and not valid_nhs_number(digits):
        raise Impossible("This is not an NHS number: check its ten digits.")
    if digits and m.Person.objects.filter(nhs_number=digits).exists():
        raise Impossible("The register has this NHS number already. Find who has it, and change what is there.")
    return digits


def _needed(day: date | None) -> date:
    if day is None:
        raise Impossible("It must say from which day they live there.")
    return day
