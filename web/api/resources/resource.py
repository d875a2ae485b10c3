"""What a resource is: a table, the shape of its body, how its columns refer to other records, and its parts.

Parts (a person's names, a form's lines) are sent and come back inside their whole, and share its ETag.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, Model, Q
from pydantic import BaseModel

from register.as_known import states
from register.models.recorded import Recorded
from web.api.problems import Problem
from web.api.values import Shape

Body = dict[str, Any]


@dataclass(frozen=True)
class Ref:
    """A column that refers to a row of ``table`` by its ``column``: a code, or a person's reference."""

    table: type[Recorded]
    column: str = "code"

    def find(self, name: str, value: str | None) -> Model | None:
        """The row. Raises ``ValidationError`` if there is none."""
        if value is None:
            return None
        row: Model | None = self.table.objects.filter(**{self.column: value}).first()
        if row is None:
            raise ValidationError({name: f"there is no {name} by that name"})
        return row


@dataclass(frozen=True)
class Part:
    """Rows that belong to a whole. ``keys`` tell one from another in it; ``order`` sorts what is sent for storing."""

    name: str
    table: type[Recorded]
    shape: type[Shape]
    whole: str
    keys: tuple[str, ...]
    refs: Mapping[str, Ref] = field(default_factory=dict)
    order: str = ""
    may_go: bool = True

    def of(self, whole: Collection[int]) -> Q:
        """The rows of these."""
        return Q(**{f"{self.whole}_id__in": list(whole)})


@dataclass(frozen=True)
class Resource:
    """``shape`` is the body; ``shown`` are columns that only come back; ``filters`` are query words and look-ups.

    ``fixed`` are fields that never change. ``may_go`` allows DELETE, unless rows of ``blocked_by`` refer to it.
    """

    path: str
    one: str
    table: type[Recorded]
    shape: type[Shape]
    refs: Mapping[str, Ref] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    part: Part | None = None
    may_change: bool = True
    may_go: bool = False
    blocked_by: tuple[str, ...] = ()

    def get(self, key: int, *, for_change: bool = False) -> Any:
        """The row, held until the transaction ends where it is to be changed. Raises :class:`Problem` 404."""
        rows = self.table.objects.filter(pk=key)
        row = (rows.select_for_update() if for_change else rows.select_related(*self.refs)).first()
        if row is None:
            raise Problem(404, f"There is no {self.one} with that id.")
        return row

    def show(self, rows: Collection[Any]) -> list[Body]:
        """Bodies with ``id`` and ``etag``."""
        tags, parts = self.etags([r.pk for r in rows]), self._parts([r.pk for r in rows])
        return [self._shown(r) | parts.get(r.pk, {}) | {"id": r.pk, "etag": tags[r.pk]} for r in rows]

    def _shown(self, row: Any) -> Body:
        names = [n for n in self.shape.model_fields if self.part is None or n != self.part.name]
        return {n: value_of(row, n, self.refs) for n in (*names, *self.shown)}

    def _parts(self, keys: list[int]) -> dict[int, Body]:
        part = self.part
        if part is None:
            return {}
        found: dict[int, Body] = {key: {part.name: []} for key in keys}
        for row in part.table.objects.filter(part.of(keys)).select_related(*part.refs).order_by("pk"):
            shown = {n: value_of(row, n, part.refs) for n in part.shape.model_fields}
            found[getattr(row, f"{part.whole}_id")][part.name].append(shown)
        return found

    def etags(self, keys: Collection[int]) -> dict[int, str]:
        """From the numbers of the last recorded states of the rows and of their parts."""
        found = {key: f"{last}" for key, last in _last(self.table, "id", Q(id__in=list(keys)))}
        if self.part:
            for key, last in _last(self.part.table, f"{self.part.whole}_id", self.part.of(keys)):
                found[key] = f"{found.get(key, '')}-{last}"
        return {key: f'"{found.get(key, "0")}"' for key in keys}

    def known(self, scope: Q, known_at: datetime) -> list[Body]:
        """Bodies as they were recorded at that time, without an ETag: nobody can change the past."""
        rows = states(self.table, known_at, scope)
        seen = _names_then(self.refs, rows.values(), known_at)
        parts = self._parts_then(list(rows), known_at)
        plain = [n for n in self.shape.model_fields if self.part is None or n != self.part.name]
        return [
            {n: seen[n].get(getattr(r, f"{n}_id")) if n in seen else getattr(r, n) for n in (*plain, *self.shown)}
            | parts.get(key, {})
            | {"id": key, "etag": None}
            for key, r in sorted(rows.items())
        ]

    def _parts_then(self, keys: list[int], known_at: datetime) -> dict[int, Body]:
        part = self.part
        if part is None:
            return {}
        rows = states(part.table, known_at, part.of(keys))
        seen = _names_then(part.refs, rows.values(), known_at)
        found: dict[int, Body] = {key: {part.name: []} for key in keys}
        for _, r in sorted(rows.items()):
            shown = {
                n: seen[n].get(getattr(r, f"{n}_id")) if n in seen else getattr(r, n) for n in part.shape.model_fields
            }
            found[getattr(r, f"{part.whole}_id")][part.name].append(shown)
        return found


def value_of(row: Any, name: str, refs: Mapping[str, Ref]) -> Any:
    """A column as it is shown: a reference by the other's name."""
    value = getattr(row, name)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return getattr(value, refs[name].column) if name in refs and value is not None else value


def plain(body: BaseModel) -> Body:
    """A body's values as the tables take them."""
    return {n: _plain(getattr(body, n)) for n in type(body).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.value if hasattr(value, "value") else value


def _last(table: type[Recorded], name: str, scope: Q) -> Iterable[tuple[int, int]]:
    rows: Iterable[tuple[int, int]] = (
        table.history.filter(scope).order_by().values_list(name).annotate(Max("history_id"))
    )
    return rows


def _names_then(refs: Mapping[str, Ref], rows: Collection[Any], known_at: datetime) -> dict[str, dict[int, str]]:
    """What those that the rows refer to were called then, column by column."""
    found: dict[str, dict[int, str]] = {}
    for name, ref in refs.items():
        keys = [getattr(r, f"{name}_id") for r in rows]
        others = states(ref.table, known_at, Q(id__in=[k for k in keys if k is not None]))
        found[name] = {key: getattr(row, ref.column) for key, row in others.items()}
    return found
