"""People's lives as retention counts them: placements, leaving, death. Present rows only; nothing is cached."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import DatabaseError

from domain.errors import RegisterUnavailable
from domain.retention_reckoning import Life, Stay
from register.models import Person, Placement

_AT_ONCE = 500
"""People read together: far below what a database takes as parameters of one query."""


def lives(people: Collection[str]) -> Mapping[str, Life]:
    """By reference; who is not in the register is left out. Raises ``RegisterUnavailable``."""
    refs = sorted(set(people))
    found: dict[str, Life] = {}
    try:
        for start in range(0, len(refs), _AT_ONCE):
            found |= _read(refs[start : start + _AT_ONCE])
    except DatabaseError as error:
        raise RegisterUnavailable("lives", error=type(error).__name__) from error
    return found


def _read(refs: list[str]) -> dict[str, Life]:
    stays: dict[str, list[Stay]] = {}
    placements = Placement.objects.filter(person__ref__in=refs).order_by("starts", "id")
    for ref, starts, ends in placements.values_list("person__ref", "starts", "ends"):
        stays.setdefault(ref, []).append(Stay(starts, ends))
    people = Person.objects.filter(ref__in=refs).values_list("ref", "left_on", "died_on")
    return {ref: Life(tuple(stays.get(ref, ())), left, died) for ref, left, died in people}
