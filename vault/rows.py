"""One transaction of the vault, and what becomes of the database's errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from domain.errors import TryAgain
from vault import wal

_SQLITE_WRITER = threading.Lock()


@contextmanager
def writing(unavailable: type[TryAgain], *, lasting: bool = True) -> Iterator[None]:
    """All or nothing, one at a time on SQLite; durable when it ends. The database's errors come out as ``unavailable``.

    Not ``lasting`` is for what nobody is promised yet, and what a later transaction of the same mail makes durable
    with itself: SQLite's log is written in order. A broken connection is dropped: the next mail gets a new one.
    """
    with _turn(unavailable), transaction.atomic():
        yield
    if lasting:
        make_sure(unavailable)


@contextmanager
def writing_plainly(unavailable: type[TryAgain], *, lasting: bool = True) -> Iterator[None]:
    """The same for statements of ``vault/sql.py`` alone: Django's bookkeeping costs more than the transaction does.

    Who writes through a model in it is told by SQLite that a transaction is open already, and nothing is written.
    """
    with _turn(unavailable) as database, _transaction(database):
        yield
    if lasting:
        make_sure(unavailable)


@contextmanager
def one_statement(unavailable: type[TryAgain]) -> Iterator[None]:
    """The same for a single statement, which needs no transaction around it; not lasting."""
    with _turn(unavailable):
        yield


def make_sure(unavailable: type[TryAgain]) -> None:
    """All that this thread has written or read is durable on return. Raises ``unavailable``.

    What was read may have been written a moment ago by somebody who still waits for the disk.
    """
    with _translated(unavailable) as database:
        if _outermost_on_sqlite(database):
            try:
                wal.flush(database)
            except OSError as error:
                raise unavailable("the database's log", errno=error.errno) from error


@contextmanager
def reading(unavailable: type[TryAgain]) -> Iterator[None]:
    """The same without a transaction: each statement by itself."""
    with _translated(unavailable):
        yield


@contextmanager
def _turn(unavailable: type[TryAgain]) -> Iterator[BaseDatabaseWrapper]:
    """SQLite has one writer, and lets the others sleep and look again: threads of one process had better queue."""
    with _translated(unavailable) as database:
        if _outermost_on_sqlite(database):
            with _SQLITE_WRITER, wal.relaxed(database):
                yield database
        else:
            yield database


@contextmanager
def _transaction(database: BaseDatabaseWrapper) -> Iterator[None]:
    if not _outermost_on_sqlite(database):
        with transaction.atomic():
            yield
        return
    raw = database.connection
    with database.wrap_database_errors:
        raw.execute("BEGIN IMMEDIATE")
    try:
        yield
        with database.wrap_database_errors:
            raw.commit()
    except BaseException:
        try:
            raw.rollback()
        except sqlite3.Error:  # a connection that cannot is worth nothing; closing it rolls back as well
            database.close()
        raise


def _outermost_on_sqlite(database: BaseDatabaseWrapper) -> bool:
    return database.vendor == "sqlite" and not _in_transaction(database)


def _in_transaction(database: BaseDatabaseWrapper) -> bool:
    """Django's, or SQLite's past it. On PostgreSQL all are Django's."""
    if database.in_atomic_block or database.connection is None:
        return database.in_atomic_block
    return database.vendor == "sqlite" and bool(database.connection.in_transaction)


@contextmanager
def _translated(unavailable: type[TryAgain]) -> Iterator[BaseDatabaseWrapper]:
    database = connections[DEFAULT_DB_ALIAS]  # this thread's; looked up once, for each look costs
    try:
        yield database
    except (DatabaseError, InterfaceError) as error:
        _drop(database, error)
        raise unavailable("database", error=type(error).__name__) from error


def _drop(database: BaseDatabaseWrapper, error: Exception) -> None:
    """Whatever went wrong outside may have spoilt the connection: SQLite's stays read-only after the disk is mended."""
    if isinstance(error, OperationalError | InterfaceError) and not _in_transaction(database):
        database.close()
