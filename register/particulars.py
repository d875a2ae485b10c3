"""What forms say that decides no mail: where the signed paper is, how it was given, what each line is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from register import models as m
from register.as_known import states


@dataclass(frozen=True, slots=True)
class Particulars:
    """Of one form, whose row has this ``key``. ``purposes`` by the code of whom a line names, where it says any."""

    key: int
    document: str
    given_by: str
    how: str
    purposes: Mapping[str, list[str]] = field(default_factory=dict)


def read(council_id: str, *, known_at: datetime | None = None) -> dict[str, Particulars]:
    """By the form's code: as recorded now, or as far as was recorded at ``known_at``."""
    of_them = Q(person__council_id__iexact=council_id)
    forms = _rows(m.Permission, known_at, of_them)
    lines = _rows(m.Grant, known_at, Q(permission_id__in=[form.id for form in forms]))
    purposes: dict[int, dict[str, list[str]]] = {}
    for line in lines:
        if line.purposes:
            purposes.setdefault(line.permission_id, {})[(line.party or line.organisation).code] = line.purposes
    return {f.code: Particulars(f.id, f.document, f.given_by, f.how, purposes.get(f.id, {})) for f in forms}


def _rows(table: Any, known_at: datetime | None, scope: Q) -> Iterable[Any]:
    return list(table.objects.filter(scope) if known_at is None else states(table, known_at, scope).values())
