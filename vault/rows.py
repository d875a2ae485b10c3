"""One transaction of the vault, and what becomes of the database's errors."""

from __future__ import annotations

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
def _turn(unavailable: type[TryAgain]) -> Iterator[None]:
    """SQLite has one writer, and lets the others sleep and look again: threads of one process had better queue."""
    with _translated(unavailable) as database:
        if _outermost_on_sqlite(database):
            with _SQLITE_WRITER, wal.relaxed(database):
                yield
        else:
            yield


def _outermost_on_sqlite(database: BaseDatabaseWrapper) -> bool:
    return database.vendor == "sqlite" and not database.in_atomic_block


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
    if isinstance(error, OperationalError | InterfaceError) and not database.in_atomic_block:
        database.close()
