"""Hot reading, past Django's query layers.

The relay asks the register with every mail, and building the same query anew costs ten times what the database takes
to answer it. Values come as SQLite's or PostgreSQL's driver gives them; these functions make one Python type of both.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection


def ask(statement: str, *values: object) -> list[tuple[Any, ...]]:
    """All rows. A collection among ``values`` stands for the one ``%s`` in ``IN (%s)``; empty, it matches nothing."""
    flat: list[Any] = []
    pieces = statement.split("%s")
    for n, value in enumerate(values):
        many = tuple(value) if isinstance(value, (tuple, list, set, frozenset)) else (value,)
        pieces[n] += ", ".join(["%s"] * len(many)) or "NULL"
        flat += many
    with connection.cursor() as cursor:
        cursor.execute("".join(pieces), flat)
        return list(cursor.fetchall())


def sorted_tuple(values: Collection[str]) -> tuple[str, ...]:
    """In a steady order, so that the same question is the same statement."""
    return tuple(sorted(values))


def day(value: Any) -> date:
    """A date column."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def maybe_day(value: Any) -> date | None:
    """A date column that may be empty."""
    return None if value is None else day(value)


def moment(value: Any) -> datetime:
    """A time column: aware, UTC. SQLite keeps it as text without a zone."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def maybe_moment(value: Any) -> datetime | None:
    """A time column that may be empty."""
    return None if value is None else moment(value)


def listed(value: Any) -> list[str]:
    """A JSON column that holds a list of words."""
    found = json.loads(value) if isinstance(value, str) else value
    return [str(v) for v in found]
