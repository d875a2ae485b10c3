"""One transaction of the vault, and what becomes of the database's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection, transaction

from domain.errors import TryAgain


@contextmanager
def writing(unavailable: type[TryAgain]) -> Iterator[None]:
    """All or nothing. What the database raises comes out as ``unavailable``; a broken connection is dropped,
    so that the next mail gets a new one."""  # noqa: D205, D209 - one sentence that needs two lines
    with _translated(unavailable), transaction.atomic():
        yield


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
        connection.close_if_unusable_or_obsolete()
        raise unavailable("database", error=type(error).__name__) from error
