"""Rows found again by their keys, and changed where they differ."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from register.importing.reading import Row, UnknownReferenceError
from register.models.recorded import Recorded

_Model = TypeVar("_Model", bound=Recorded)


def put(model: type[_Model], keys: dict[str, Any], values: dict[str, Any]) -> tuple[_Model, str]:
    """Create, or change what differs; and which of the two (or neither) it was."""
    found = model.objects.filter(**keys).first()
    if found is None:
        made = model(**keys, **values)
        made.save()
        return made, "created"
    changed = [name for name, value in values.items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, values[name])
    if changed:
        found.told = frozenset(values)  # what a file says of when something began, it means
        found.save()
    return found, "updated" if changed else "unchanged"


def find(model: type[_Model], what: str, **key: str) -> _Model:
    """The row that another refers to, by its one key. Raises ``UnknownReferenceError``."""
    found: _Model | None = model.objects.filter(**key).first()
    if found is None:
        raise UnknownReferenceError(what, *key.values())
    return found


def since(row: Row, *columns: str) -> dict[str, date]:
    """Since when facts count, where the row says so: a file that does not know takes nothing away."""
    return {name: day for name in columns if (day := row.day(name)) is not None}


def strongest(*changes: str) -> str:
    """What happened to several rows together."""
    order = ("created", "updated")
    return next((change for change in order if change in changes), "unchanged")
