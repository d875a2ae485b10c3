"""People's lives as retention counts them: placements, leaving, death. Present rows only; nothing is cached.

Whoever has the same name and the same day of birth under another reference is taken for the same person, entered twice:
what is known of either keeps the records of both.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db import DatabaseError

from domain.errors import RegisterUnavailable
from domain.retention_reckoning import Life, Stay
from register.models import Person, PersonName, Placement

_AT_ONCE = 500
"""People read together: far below what a database takes as parameters of one query."""


def lives(people: Collection[str]) -> Mapping[str, Life]:
    """By reference; who is not in the register is left out. Raises ``RegisterUnavailable``."""
    refs = sorted(set(people))
    found: dict[str, Life] = {}
    try:
        for start in range(0, len(refs), _AT_ONCE):
            found |= _together(refs[start : start + _AT_ONCE])
    except DatabaseError as error:
        raise RegisterUnavailable("lives", error=type(error).__name__) from error
    return found


def _together(refs: list[str]) -> dict[str, Life]:
    twins = _twins(refs)
    found = _read(sorted({*refs, *(other for of in twins.values() for other in of)}))
    return {ref: found[ref].together(found[t] for t in sorted(twins.get(ref, ()))) for ref in refs if ref in found}


def _twins(refs: list[str]) -> dict[str, set[str]]:
    """By reference the others who bear a name of theirs, whatever its case, and were born that day."""
    columns = ("person__ref", "person__date_of_birth", "name")
    named = PersonName.objects.filter(person__date_of_birth__isnull=False)
    theirs = list(named.filter(person__ref__in=refs).values_list(*columns))
    same: dict[tuple[date | None, str], set[str]] = {}
    for ref, born, name in named.filter(person__date_of_birth__in={born for _, born, _ in theirs}).values_list(
        *columns
    ):
        same.setdefault((born, name.casefold()), set()).add(ref)
    found: dict[str, set[str]] = {}
    for ref, born, name in theirs:
        found.setdefault(ref, set()).update(same.get((born, name.casefold()), set()) - {ref})
    return found


def _read(refs: list[str]) -> dict[str, Life]:
    stays: dict[str, list[Stay]] = {}
    placements = Placement.objects.filter(person__ref__in=refs).order_by("starts", "id")
    for ref, starts, ends in placements.values_list("person__ref", "starts", "ends"):
        stays.setdefault(ref, []).append(Stay(starts, ends))
    people = Person.objects.filter(ref__in=refs).values_list("ref", "left_on", "died_on")
    return {ref: Life(tuple(stays.get(ref, ())), left, died) for ref, left, died in people}
