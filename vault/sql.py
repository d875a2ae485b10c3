"""Statements whose text is made once, for the driver itself, which keeps them prepared.

Every mail runs a dozen, and Django's compiler, cursors and fields cost more than the database does. Errors come out as
Django's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

DO_NOTHING = "ON CONFLICT DO NOTHING"

_Prepare = Callable[[Any, BaseDatabaseWrapper], Any]


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]], conflict: str = "") -> int:
    """Add rows of one model, within the caller's transaction. How many were added.

    A row is a mapping from columns to values; what is missing gets the field's default. A model instance's
    ``__dict__`` is one. ``conflict`` is the clause for rows that are there already; without it they raise
    ``IntegrityError``.
    """
    if not rows:
        return 0
    database = _mine()
    text, columns = _insert_text(model, conflict)
    values = [[prepare(row[n] if n in row else default(), database) for n, default, prepare in columns] for row in rows]
    if len(values) == 1:
        return int(_run(text, values[0], database).rowcount)
    return _run_many(text, values, database)


def update(text: str, params: Iterable[Any]) -> int:
    """Run one UPDATE or DELETE; how many rows it changed. Times are adapted to the database."""
    database = _mine()
    return int(_run(text, [_adapted(p, database) for p in params], database).rowcount)


def update_many(text: str, rows: Iterable[Sequence[Any]]) -> int:
    """Run one UPDATE for each row of parameters, within the caller's transaction; how many rows were changed."""
    database = _mine()
    values = [[_adapted(p, database) for p in params] for params in rows]
    return _run_many(text, values, database) if values else 0


def select(text: str, params: Iterable[Any]) -> list[tuple[Any, ...]]:
    """All rows. Plain columns only: no JSON, no times."""
    database = _mine()
    return list(_run(text, [_adapted(p, database) for p in params], database).fetchall())


def places(values: Sequence[object]) -> str:
    """As many placeholders as there are values, for ``IN``."""
    return f"({', '.join(['%s'] * len(values))})"


_used = threading.local()


def use(database: BaseDatabaseWrapper | None) -> None:
    """This thread's, until it is told otherwise: its transaction has looked it up, and each look costs."""
    _used.database = database


def _mine() -> BaseDatabaseWrapper:
    """This thread's connection, open."""
    database: BaseDatabaseWrapper = getattr(_used, "database", None) or connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()
    return database


def _run(text: str, params: Sequence[Any], database: BaseDatabaseWrapper) -> Any:
    """The driver's cursor after one statement."""
    with database.wrap_database_errors:
        return database.connection.execute(_in_words_of(database.vendor, text), params)


def _run_many(text: str, rows: Sequence[Sequence[Any]], database: BaseDatabaseWrapper) -> int:
    """How many rows were changed. A cursor left open in an error's frames would keep SQLite's files open."""
    with database.wrap_database_errors, closing(database.connection.cursor()) as cursor:
        cursor.executemany(_in_words_of(database.vendor, text), rows)
        return int(cursor.rowcount)


@cache
def _in_words_of(vendor: str, text: str) -> str:
    return text.replace("%s", "?") if vendor == "sqlite" else text


def _adapted(value: Any, database: BaseDatabaseWrapper) -> Any:
    return _time(value, database) if isinstance(value, datetime) else value


def _time(value: datetime | None, database: BaseDatabaseWrapper) -> Any:
    """As Django writes times: SQLite's are text in UTC, without the zone."""
    if value is None or database.vendor != "sqlite":
        return value
    return str(value.astimezone(UTC).replace(tzinfo=None))


def _json(value: Any, database: BaseDatabaseWrapper) -> Any:
    return database.ops.adapt_json_value(value, None)


def _text(value: Any, _: BaseDatabaseWrapper) -> str:
    """Drivers differ in what they make of an enumeration."""
    return str(value)


def _as_it_is(value: Any, _: BaseDatabaseWrapper) -> Any:
    return value


_PREPARED: dict[type[models.Field[Any, Any]], _Prepare] = {
    models.CharField: _text,
    models.TextField: _text,
    models.DateTimeField: _time,
    models.JSONField: _json,
}


@cache
def _insert_text(
    model: type[models.Model], conflict: str
) -> tuple[str, tuple[tuple[str, Callable[[], Any], _Prepare], ...]]:
    """The statement, and for each of its columns the attribute's name, its default, and how a value is prepared."""
    fields = tuple(f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField))  # noqa: SLF001 - Django's documented API
    columns = ", ".join(f'"{f.column}"' for f in fields)
    text = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES {places(fields)} {conflict}'  # noqa: S608, SLF001 - names from our models
    return text, tuple((f.attname, f.get_default, _PREPARED.get(type(f), _as_it_is)) for f in fields)
