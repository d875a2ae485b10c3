"""The database's own text index over tokens: FTS5 on SQLite, tsvector with GIN on PostgreSQL.

It is derived from the entries and can be made again from them without opening a record. A record has several rows in
it where its text is long; numbers of records come back, each once. Within the caller's transaction; errors are the
database's own.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import zip_longest
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from vault.search.document import Opened, key_rows, text_rows

FTS, VECTORS = "vault_searchfts", "vault_searchvector"
_ROWS_BITS = 8
_SECURE_DELETE = (3, 42, 0)
_MOST_OF_ONE = 250
"""PostgreSQL keeps 255 places of one word in a tsvector and drops the others without a word."""
_BREAK = "b"
PAGES = 200
"""How many pages of the index are merged in one go, some 50 ms; the pause lets a relay's writer in, which looks again
every 100 ms at most."""
_PAUSE_SECONDS = 0.1

Leaf = Sequence[Any]
"""``["token", t]``, ``["phrase", [t, ...]]`` or ``["near", t, t, places]``; tokens are hexadecimal."""


class TextIndex(Protocol):
    """What the search needs of a database."""

    def create(self) -> None:
        """The tables, if they are not there."""
        ...

    def add(self, rows: Iterable[tuple[int, Opened]]) -> None:
        """Records that are not in it yet."""
        ...

    def remove(self, number: int, row: Opened) -> None:
        """A record, with the very row that it was added with."""
        ...

    def clear(self) -> None:
        """All of it."""
        ...

    def purge(self) -> None:
        """Nothing of removed records is left in the index's pages; outside a transaction, may take minutes."""
        ...

    def numbers(self, leaf: Leaf, low: int, high: int) -> Iterable[int]:
        """Of the records from ``low`` to below ``high`` that have it; a number may come several times."""
        ...


def text_index() -> TextIndex:
    """That of this thread's connection."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()
    return _Fts5(database) if database.vendor == "sqlite" else _Vectors(database)


class _Fts5:
    """Contentless: it holds no copy of what it was given. Tokens need nothing but ASCII's rules."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self._run = partial(_execute, database)
        self._many = partial(_execute_many, database)
        self._database = database

    def create(self) -> None:
        self._run(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {FTS} USING fts5"
            "(text, keys, content='', columnsize=0, tokenize='ascii')"
        )
        if sqlite3.sqlite_version_info >= _SECURE_DELETE:
            self._run(f"INSERT INTO {FTS}({FTS}, rank) VALUES('secure-delete', 1)")

    def add(self, rows: Iterable[tuple[int, Opened]]) -> None:
        found = [row for number, opened in rows for row in _fts_rows(number, opened)]
        self._many(f"INSERT INTO {FTS}(rowid, text, keys) VALUES (?, ?, ?)", found)  # noqa: S608 - a constant

    def remove(self, number: int, row: Opened) -> None:
        self._run("PRAGMA secure_delete=ON")
        text = f"INSERT INTO {FTS}({FTS}, rowid, text, keys) VALUES ('delete', ?, ?, ?)"  # noqa: S608 - a constant
        self._many(text, list(_fts_rows(number, row)))

    def clear(self) -> None:
        self._run(f"INSERT INTO {FTS}({FTS}) VALUES('delete-all')")

    def purge(self) -> None:
        """What 'optimize' does, in pieces (sqlite.org/fts5.html#the_merge_command).

        In one it would keep SQLite's writer for minutes, and a relay that cannot write answers 451.
        """
        self._run("PRAGMA secure_delete=ON")
        pages = -PAGES
        while self._merged(pages):
            pages = PAGES
            time.sleep(_PAUSE_SECONDS)
        self._run("PRAGMA wal_checkpoint(TRUNCATE)")

    def _merged(self, pages: int) -> bool:
        """Whether something was left to merge. Less than 0 begins with all that there is."""
        before = self._database.connection.total_changes
        self._run(f"INSERT INTO {FTS}({FTS}, rank) VALUES('merge', ?)", [pages])
        return bool(self._database.connection.total_changes - before > 1)

    def numbers(self, leaf: Leaf, low: int, high: int) -> Iterable[int]:
        text = f"SELECT rowid >> {_ROWS_BITS} FROM {FTS} WHERE {FTS} MATCH ? AND rowid >= ? AND rowid < ?"  # noqa: S608 - constants
        found = self._run(text, [_match(leaf), low << _ROWS_BITS, high << _ROWS_BITS]).fetchall()
        return [row[0] for row in found]


def _fts_rows(number: int, opened: Opened) -> Iterator[tuple[int, str, str]]:
    texts = map(_with_breaks, text_rows(opened))
    keys = (" ".join(k) for k in key_rows(opened))
    for part, (text, key) in enumerate(zip_longest(texts, keys, fillvalue="")):
        if part >> _ROWS_BITS:
            raise OverflowError("a record with more rows than the index can number")
        yield number << _ROWS_BITS | part, text, key


def _with_breaks(row: Sequence[tuple[int, str]]) -> str:
    """The places that nothing stands at are filled."""
    said: list[str] = []
    start = row[0][0]
    for at, token in row:
        if len(said) < at - start:
            said += [_BREAK] * (at - start - len(said))
        said.append(token)
    return " ".join(said)


def _match(leaf: Leaf) -> str:
    kind, *rest = leaf
    if kind == "near":
        one, other, places = rest
        return f'NEAR("{one}" "{other}", {places - 1})'
    return '"' + " ".join(rest[0] if kind == "phrase" else rest) + '"'


class _Vectors:
    """Rows of their own, so that looking at many of them does not read the entries' bodies."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self._run = partial(_execute, database)
        self._many = partial(_execute_many, database)

    def create(self) -> None:
        self._run(
            f"CREATE TABLE IF NOT EXISTS {VECTORS} (number bigint NOT NULL, part integer NOT NULL, "
            "tokens tsvector NOT NULL, PRIMARY KEY (number, part)) WITH (toast_tuple_target = 128)"
        )
        self._run(f"ALTER TABLE {VECTORS} ALTER COLUMN tokens SET STORAGE EXTERNAL")
        self._run(f"CREATE INDEX IF NOT EXISTS {VECTORS}_tokens ON {VECTORS} USING gin (tokens)")

    def add(self, rows: Iterable[tuple[int, Opened]]) -> None:
        found = [row for number, opened in rows for row in _vector_rows(number, opened)]
        self._many(f"INSERT INTO {VECTORS} (number, part, tokens) VALUES (%s, %s, %s::tsvector)", found)  # noqa: S608 - a constant

    def remove(self, number: int, row: Opened) -> None:  # noqa: ARG002 - the database knows what it has
        self._run(f"DELETE FROM {VECTORS} WHERE number = %s", [number])  # noqa: S608 - a constant

    def clear(self) -> None:
        self._run(f"DELETE FROM {VECTORS}")  # noqa: S608 - a constant

    def purge(self) -> None:
        self._run(f"VACUUM {VECTORS}")

    def numbers(self, leaf: Leaf, low: int, high: int) -> Iterable[int]:
        text = f"SELECT number FROM {VECTORS} WHERE tokens @@ %s::tsquery AND number >= %s AND number < %s"  # noqa: S608 - a constant
        return [row[0] for row in self._run(text, [_tsquery(leaf), low, high], prepare=False).fetchall()]


def _vector_rows(number: int, opened: Opened) -> Iterator[tuple[int, int, str]]:
    texts = map(_with_places, text_rows(opened, _MOST_OF_ONE))
    keys = (" ".join(f"'{key}'" for key in k) for k in key_rows(opened))
    for part, (text, key) in enumerate(zip_longest(texts, keys, fillvalue="")):
        yield number, part, f"{text} {key}"


def _with_places(row: Sequence[tuple[int, str]]) -> str:
    """Counted from 1, as tsvector does."""
    places: dict[str, list[str]] = {}
    for at, token in row:
        places.setdefault(token, []).append(str(at - row[0][0] + 1))
    return " ".join(f"'{token}':{','.join(at)}" for token, at in places.items())


def _tsquery(leaf: Leaf) -> str:
    kind, *rest = leaf
    if kind == "near":
        one, other, places = rest
        ways = (f"('{a}' <{n}> '{b}')" for n in range(1, places + 1) for a, b in ((one, other), (other, one)))
        return " | ".join(ways)
    tokens = rest[0] if kind == "phrase" else rest
    return " <-> ".join(f"'{t}'" for t in tokens)


def _execute(database: BaseDatabaseWrapper, text: str, values: Sequence[Any] = (), **more: Any) -> Any:
    with database.wrap_database_errors:
        return (
            database.connection.execute(text, values or None, **more)
            if more or values
            else database.connection.execute(text)
        )


def _execute_many(database: BaseDatabaseWrapper, text: str, rows: Sequence[Sequence[Any]]) -> None:
    with database.wrap_database_errors, closing(database.connection.cursor()) as cursor:
        cursor.executemany(text, rows)
