"""Hot reading, past Django's query layers.

The relay asks the register with every mail, and building the same query anew costs ten times what the database takes
to answer it. On PostgreSQL what costs is the way there, and planning: so several questions go as one statement, its
values apart from it, and after a few mails the server has it prepared with one plan for all values. Django's own
cursor writes the values into the statement, which is therefore a new one each time. Values come as SQLite's or
PostgreSQL's driver gives them, or as JSON; these functions make one Python type of all.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

_STATEMENTS = 1000
"""A few dozen, each for some powers of two."""


class Question(NamedTuple):
    """A statement and the values for its ``%s``.

    A collection among the values stands for the one ``%s`` in ``IN (%s)``; empty, it matches nothing.
    """

    statement: str
    values: tuple[object, ...] = ()


Answer = list[tuple[Any, ...]]


def ask(statement: str, *values: object) -> Answer:
    """All rows."""
    return _run(*_spread(Question(statement, values)))


def gather(*questions: Question) -> list[Answer]:
    """The rows of each. On PostgreSQL in one round trip, so as they were at one moment, and by way of JSON.

    No column may hold an object of JSON.
    """
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return [_run(*_spread(question)) for question in questions]
    spread = [_spread(question) for question in questions]
    # Nothing of a mail is in the text: only this package's statements and places for the values.
    parts = (f"(SELECT json_agg(row_to_json(r)) FROM ({one}) AS r)::text" for one, _ in spread)  # noqa: S608 - of our own statements
    (row,) = _run(f"SELECT {', '.join(parts)}", [value for _, values in spread for value in values])
    return [_ROWS.decode(rows) if rows else [] for rows in row]


_ROWS = json.JSONDecoder(object_pairs_hook=lambda pairs: tuple([value for _, value in pairs]))
"""Rows without the columns' names, which need not differ."""


def _run(statement: str, values: Sequence[Any]) -> Answer:
    connection = connections[DEFAULT_DB_ALIAS]  # this thread's; looked up once, for each look costs
    if connection.connection is None:
        connection.ensure_connection()
    if connection.vendor != "postgresql":
        with connection.wrap_database_errors, closing(connection.connection.cursor()) as cursor:
            cursor.execute(_in_sqlites_words(statement), values)
            return list(cursor.fetchall())
    with connection.wrap_database_errors, psycopg.Cursor[tuple[Any, ...]](connection.connection) as server:
        server.execute(statement, values, binary=True)
        return server.fetchall()


@lru_cache(_STATEMENTS)
def _in_sqlites_words(statement: str) -> str:
    return statement.replace("%s", "?")


def _spread(question: Question) -> tuple[str, list[Any]]:
    """With a place for each value of a collection."""
    spread = [_padded(tuple(v)) if isinstance(v, (tuple, list, set, frozenset)) else (v,) for v in question.values]
    return _with_places(question.statement, tuple(map(len, spread))), [value for many in spread for value in many]


@lru_cache(_STATEMENTS)
def _with_places(statement: str, numbers: tuple[int, ...]) -> str:
    pieces = statement.split("%s")
    for n, number in enumerate(numbers):
        pieces[n] += ", ".join(["%s"] * number) or "NULL"
    return "".join(pieces)


def _padded(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The last one again, up to a power of two: so that a handful of statements serve any number of values."""
    wanted = 1 << (len(values) - 1).bit_length() if values else 0
    return values + values[-1:] * (wanted - len(values))


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
    when = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def maybe_moment(value: Any) -> datetime | None:
    """A time column that may be empty."""
    return None if value is None else moment(value)


def listed(value: Any) -> list[str]:
    """A JSON column that holds a list of words."""
    found = json.loads(value) if isinstance(value, str) else value
    return [str(v) for v in found]
