"""One transaction of the vault, and what becomes of the database's errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from domain.errors import TryAgain

_SQLITE_WRITER = threading.Lock()


@contextmanager
def writing(unavailable: type[TryAgain]) -> Iterator[None]:
    """All or nothing, one at a time on SQLite. The database's errors come out as ``unavailable``.

    A broken connection is dropped, so that the next mail gets a new one.
    """
    with _translated(unavailable), _turn(), transaction.atomic():
        yield


def _turn() -> AbstractContextManager[object]:
    """SQLite has one writer, and lets the others sleep and look again: threads of one process had better queue."""
    outermost = connection.vendor == "sqlite" and not connection.in_atomic_block
    return _SQLITE_WRITER if outermost else nullcontext()


@contextmanager
def reading(unavailable: type[TryAgain]) -> Iterator[None]:
    """The same without a transaction: each statement by itself."""
    with _translated(unavailable):
        yield


@contextmanager
def _translated(unavailable: type[TryAgain]) -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        _drop(error)
        raise unavailable("database", error=type(error).__name__) from error


def _drop(error: Exception) -> None:
    """Whatever went wrong outside may have spoilt the connection: SQLite's stays read-only after the disk is mended."""
    if isinstance(error, OperationalError | InterfaceError) and not connection.in_atomic_block:
        connection.close()
