"""What happened to a record, in the order in which it was recorded: when, by whom, why, and what became what.

For people who look back. Read from the history that every row keeps (``register.models.recorded``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from domain.here import HERE
from domain.model import Category
from register import models as m
from register.models.recorded import Recorded

_DONE = {"+": "added", "~": "changed", "-": "taken out"}
_KINDS = {c.value: c.label for c in Category}
_OWN = frozenset({"id", "ref", "person", "permission", "grant", "data", "added_at"})
_NAMED: dict[str, type[Recorded]] = {
    "household": m.Household, "team": m.Team, "organisation": m.Organisation, "officer": m.Party, "party": m.Party,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turned:
    """A field, what it said before (None for a new row) and what it says since."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded state of one row. ``what`` is as "placement added"."""

    at: datetime
    who: str
    why: str
    what: str
    turned: tuple[Turned, ...]


def of_person(person: m.Person) -> list[Entry]:
    """Of the person, their names, placements, assessments, officers, forms with their lines, and other grounds."""
    theirs = Q(person_id=person.pk)
    forms = m.Permission.history.filter(theirs).values_list("id", flat=True)
    lines = Q(permission_id__in=list(forms))
    return _entries(
        (m.Person, Q(id=person.pk)),
        *((t, theirs) for t in (m.PersonName, m.Placement, m.CapacityAssessment, m.EarlierOfficer, m.Permission)),
        (m.Grant, lines),
        (m.SharingBasis, theirs),
    )


def of_permission(form: m.Permission) -> list[Entry]:
    """Of a form and its lines."""
    return _entries((m.Permission, Q(id=form.pk)), (m.Grant, Q(permission_id=form.pk)))


def of_party(party: m.Party) -> list[Entry]:
    """Of somebody with a mailbox: what they are, where they live, stand in, are trained."""
    theirs = Q(party_id=party.pk)
    tables = (m.EarlierMailbox, m.EarlierHousehold, m.Support, m.Training)
    return _entries((m.Party, Q(id=party.pk)), *((t, theirs) for t in tables))


def of_organisation(organisation: m.Organisation) -> list[Entry]:
    """Of an organisation."""
    return _entries((m.Organisation, Q(id=organisation.pk)))


def of_team(team: m.Team) -> list[Entry]:
    """Of a team of officers."""
    return _entries((m.Team, Q(id=team.pk)))


def of_keys(address: str) -> list[Entry]:
    """Of the keys of addresses that have this in them, also of those that were taken out."""
    return _entries((m.RecipientKey, Q(address__icontains=address)))


def _entries(*asked: tuple[type[Recorded], Q]) -> list[Entry]:
    """The newest first. One question a table, and one for each kind of row that others refer to."""
    rows = [(table, list(table.history.filter(scope).order_by("history_id"))) for table, scope in asked]
    codes = _codes(rows)
    found = [entry for table, states in rows for entry in _of_table(table, states, codes)]
    return sorted(found, key=lambda e: e.at, reverse=True)


def _of_table(table: type[Recorded], states: list[Any], codes: dict[str, dict[int, str]]) -> Iterator[Entry]:
    last: dict[int, Any] = {}
    name = str(table._meta.verbose_name)  # noqa: SLF001 - Django's documented model API
    for state in states:
        turned = tuple(_turned(table, last.get(state.id), state, codes))
        last[state.id] = state
        if turned or state.history_type != "~":
            done = f"{_NAMES.get(name, name)}{_whose(table, state, codes)} {_DONE[state.history_type]}"
            who, why = state.history_user_id or "unknown", state.history_change_reason or ""
            yield Entry(state.history_date, who, why, done, turned)


def _whose(table: type[Recorded], state: Any, codes: dict[str, dict[int, str]]) -> str:
    """Which of several lines of a form, or which form."""
    if table is m.Permission:
        return f" {state.code}"
    if table is m.RecipientKey:
        return f" of {state.address}"
    if table is m.Grant:
        named = codes["party"].get(state.party_id) or codes["organisation"].get(state.organisation_id)
        return f" for {named or 'somebody who was taken out'}"
    return ""


_NAMES = {
    "person name": "name", "capacity assessment": "assessment of capacity", "grant": "line of a form",
    "recipient key": "key", "sharing basis": "other ground for sharing", "party": "person with a mailbox",
    "support": "support carer",
}  # fmt: skip


def _turned(table: type[Recorded], before: Any, state: Any, codes: dict[str, dict[int, str]]) -> Iterator[Turned]:
    for field in table._meta.concrete_fields:  # noqa: SLF001 - Django's documented model API
        if field.name in _OWN:
            continue
        was = None if before is None else _said(before, field, codes)
        now = _said(state, field, codes)
        if now != (was or ""):
            yield Turned(str(field.verbose_name).replace("_", " "), was, now)


def _said(state: Any, field: Any, codes: dict[str, dict[int, str]]) -> str:
    value = getattr(state, field.attname)
    if value is None:
        return ""
    if field.name in codes and field.is_relation:
        return codes[field.name].get(value, "somebody who was taken out")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(HERE):%d %B %Y %H:%M}".lstrip("0")
    if isinstance(value, date):
        return f"{value:%d %B %Y}".lstrip("0")
    return ", ".join(_KINDS.get(v, str(v)) for v in value) if isinstance(value, list) else str(value)


def _codes(rows: Iterable[tuple[type[Recorded], list[Any]]]) -> dict[str, dict[int, str]]:
    """What those that the states refer to are called."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for table, states in rows:
        names = [f.name for f in table._meta.concrete_fields if f.name in _NAMED]  # noqa: SLF001 - the same
        for name in names:
            wanted[name] |= {key for s in states if (key := getattr(s, f"{name}_id")) is not None}
    return {
        name: dict(_NAMED[name].objects.filter(pk__in=keys).values_list("pk", "code")) for name, keys in wanted.items()
    }
