"""The lines of a form: whom it names, and what they may know. Set as a whole, or one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.model import Category
from register import models as m
from register.recording.frame import Impossible, changed, locked, party_or_organisation, recording, same


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form: ``named`` is a party's or an organisation's code.

    ``since`` None: from the form's day; of a line that a change adds, from that moment.
    """

    named: str
    categories: frozenset[Category]
    purposes: tuple[str, ...] = ()
    since: datetime | None = None

    def values(self) -> dict[str, Any]:
        """As a grant stores it."""
        values = {"categories": [c.value for c in Category if c in self.categories], "purposes": list(self.purposes)}
        return values if self.since is None else values | {"since": self.since}


def change_grants(code: str, lines: Sequence[Line], now: datetime) -> m.Permission:
    """What the form says from now on. A recipient who is no longer in it is withdrawn at once, and stays so.

    One who is new on it may know from now on, and was not named before.
    """
    with recording("permission changed", now):
        form = locked(m.Permission, "permission", code=code)
        _still_counts(form)
        present = grants_of(form)
        for line in each_once(lines):
            grant = present.pop(line.named, None)
            store_line(form, _from_now(form, line, now) if grant is None else line, grant)
        for grant in present.values():
            withdraw_grant(grant, now)
        return form


def add_line(code: str, line: Line, now: datetime) -> m.Permission:
    """One more may know, from now on. The same line again changes nothing."""
    with recording("line added", now):
        form = locked(m.Permission, "permission", code=code)
        present = grants_of(form).get(line.named)
        if present is not None and present.withdrawn_at is None and same(present, line.values()):
            return form
        _still_counts(form)
        if present is not None and present.withdrawn_at is None:
            raise Impossible(f"The permission names '{line.named}' already, for something else; change that line.")
        store_line(form, _from_now(form, line, now), present)
        return form


def change_line(
    code: str, named: str, categories: frozenset[Category], now: datetime, *, purposes: tuple[str, ...] | None = None
) -> m.Permission:
    """Somebody who is named may know this from now on, instead of what it was. ``purposes`` None: as they were."""
    with recording("line changed", now):
        form = locked(m.Permission, "permission", code=code)
        _still_counts(form)
        present = grants_of(form).get(named)
        if present is None:
            raise Impossible(f"This permission does not name '{named}'; add a line for them.")
        store_line(form, Line(named, categories, tuple(present.purposes) if purposes is None else purposes), present)
        return form


def _still_counts(form: m.Permission) -> None:
    if form.withdrawn_at is not None:
        raise Impossible("This permission was withdrawn; record the new form that the person has signed.")


def _from_now(form: m.Permission, line: Line, now: datetime) -> Line:
    """A form dated ahead has no earlier day than its own."""
    return replace(line, since=line.since or (now if form.signed_on <= now.date() else None))


def each_once(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines. Raises :class:`Impossible` where two name the same."""
    if len({line.named for line in lines}) != len(lines):
        raise Impossible("A form names each recipient once.")
    return lines


def grants_of(form: m.Permission) -> dict[str, m.Grant]:
    """By the code of whom each names."""
    rows = m.Grant.objects.filter(permission=form).select_related("party", "organisation")
    return {(g.party or g.organisation).code: g for g in rows}


def same_lines(form: m.Permission, lines: Sequence[Line]) -> bool:
    """Whether the form says this already."""
    present = grants_of(form)
    return present.keys() == {line.named for line in lines} and all(
        same(present[line.named], line.values() | {"since": line.since}) for line in lines
    )


def store_line(form: m.Permission, line: Line, grant: m.Grant | None) -> None:
    """As a new one, or instead of what ``grant`` says. Raises :class:`Impossible` if that was withdrawn."""
    if grant is None:
        m.Grant(permission=form, **party_or_organisation(line.named), **line.values()).save()
        return
    if grant.withdrawn_at is not None:
        raise Impossible(
            f"The permission for '{line.named}' was withdrawn; record the new form that the person has signed."
        )
    if not same(grant, line.values()):
        changed(grant, line.values())


def withdraw_grant(grant: m.Grant, now: datetime) -> None:
    """From now; an earlier withdrawal stands."""
    if grant.withdrawn_at is None or grant.withdrawn_at > now:
        grant.withdrawn_at = now
        grant.save()
