"""One transaction of the vault, and what becomes of the database's errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum, auto
from types import TracebackType

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from domain.errors import TryAgain
from vault import sql, wal
from vault.place import Place

_PLACE = Place()


def writing(unavailable: type[TryAgain], *, lasting: bool = True) -> AbstractContextManager[None]:
    """All or nothing, one at a time on SQLite; durable when it ends. The database's errors come out as ``unavailable``.

    Not ``lasting`` is for what nobody is promised yet, and what a later transaction of the same mail makes durable
    with itself: SQLite's log is written in order. A broken connection is dropped: the next mail gets a new one.
    """
    return _Turn(unavailable, _Begin.BY_DJANGO, lasting=lasting)


def writing_plainly(unavailable: type[TryAgain], *, lasting: bool = True) -> AbstractContextManager[None]:
    """The same for statements of ``vault/sql.py`` alone: Django's bookkeeping costs more than the transaction does.

    Who writes through a model in it is told by SQLite that a transaction is open already, and nothing is written.
    """
    return _Turn(unavailable, _Begin.PLAINLY, lasting=lasting)


def one_statement(unavailable: type[TryAgain]) -> AbstractContextManager[None]:
    """The same for a single statement, which needs no transaction around it; not lasting."""
    return _Turn(unavailable, _Begin.NOT, lasting=False)


def make_sure(unavailable: type[TryAgain]) -> None:
    """All that this thread has written or read is durable on return. Raises ``unavailable``.

    What was read may have been written a moment ago by somebody who still waits for the disk.
    """
    with _translated(unavailable) as database:
        _flush(database, unavailable)


def _flush(database: BaseDatabaseWrapper, unavailable: type[TryAgain]) -> None:
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


class _Begin(Enum):
    """Who begins a transaction."""

    NOT = auto()
    PLAINLY = auto()
    BY_DJANGO = auto()


class _Turn:
    """The writer's place on SQLite, and a transaction in it. A class: generators would cost more than SQLite does."""

    def __init__(self, unavailable: type[TryAgain], begin: _Begin, *, lasting: bool) -> None:
        self._unavailable, self._begin, self._lasting = unavailable, begin, lasting
        self._atomic: transaction.Atomic | None = None

    def __enter__(self) -> None:
        self._database = connections[DEFAULT_DB_ALIAS]  # this thread's; looked up once, for each look costs
        self._outermost = _outermost_on_sqlite(self._database)
        try:
            if self._outermost:
                self._take()
            elif self._begin is not _Begin.NOT:
                self._begin_by_django()
        except (DatabaseError, InterfaceError, OSError) as error:
            raise self._as_unavailable(error) from error
        sql.use(self._database)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sql.use(None)
        try:
            try:
                self._end(kind, error, trace)
            finally:
                if self._outermost:
                    self._leave()
        except (DatabaseError, InterfaceError) as failure:
            raise self._as_unavailable(failure) from failure
        if isinstance(error, DatabaseError | InterfaceError):
            raise self._as_unavailable(error) from error
        if error is None and self._lasting:
            with _translated(self._unavailable) as database:
                _flush(database, self._unavailable)

    def _take(self) -> None:
        self._file = wal.opened(self._database)
        _PLACE.take(self._file)
        try:
            if self._file:
                wal.relax(self._database)
            if self._begin is _Begin.BY_DJANGO:
                self._begin_by_django()
            elif self._begin is _Begin.PLAINLY:
                with self._database.wrap_database_errors:
                    self._database.connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave()
            raise

    def _begin_by_django(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()

    def _leave(self) -> None:
        try:
            if self._file:
                wal.tighten(self._database)
        finally:
            _PLACE.leave(self._file)

    def _end(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._atomic is not None:
            self._atomic.__exit__(kind, error, trace)
        elif self._begin is _Begin.PLAINLY:
            if error is None:
                self._commit()
            else:
                self._roll_back()

    def _commit(self) -> None:
        try:
            with self._database.wrap_database_errors:
                self._database.connection.commit()
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        try:
            self._database.connection.rollback()
        except sqlite3.Error:  # a connection that cannot is worth nothing; closing it rolls back as well
            self._database.close()

    def _as_unavailable(self, error: Exception) -> TryAgain:
        _drop(self._database, error)
        return self._unavailable("database", error=type(error).__name__)


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
