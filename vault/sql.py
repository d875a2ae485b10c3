"""Inserts whose text is made once a table: every mail writes half a dozen rows, and Django's query
compiler costs more than the database does. Values pass through Django's fields as ever."""  # noqa: D205, D209

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models

DO_NOTHING = "ON CONFLICT DO NOTHING"


def insert(rows: Sequence[models.Model], conflict: str = "") -> int:
    """Add rows of one model as they are, within the caller's transaction. How many were added.

    ``conflict`` is the clause for rows that are there already; without it they raise ``IntegrityError``.
    """
    if not rows:
        return 0
    text, fields = _insert_text(type(rows[0]))
    values = [[f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields] for row in rows]
    with connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(f"{text} {conflict}", values[0])
        else:
            cursor.executemany(f"{text} {conflict}", values)
        return int(cursor.rowcount)


def update(text: str, params: Iterable[Any]) -> int:
    """Run one UPDATE or DELETE; how many rows it changed. Times are adapted to the database."""
    with connection.cursor() as cursor:
        cursor.execute(text, [_adapted(p) for p in params])
        return int(cursor.rowcount)


def select(text: str, params: Iterable[Any]) -> list[tuple[Any, ...]]:
    """All rows. Plain columns only: no JSON, no times."""
    with connection.cursor() as cursor:
        cursor.execute(text, [_adapted(p) for p in params])
        return list(cursor.fetchall())


def places(values: Sequence[object]) -> str:
    """As many placeholders as there are values, for ``IN``."""
    return f"({', '.join(['%s'] * len(values))})"


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


@cache
def _insert_text(model: type[models.Model]) -> tuple[str, tuple[Any, ...]]:
    fields = tuple(f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField))  # noqa: SLF001 - Django's documented API
    columns = ", ".join(f'"{f.column}"' for f in fields)
    text = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {places(fields)}'  # noqa: S608, SLF001 - names from our models
    return text, fields
