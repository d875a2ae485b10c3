"""SQLite's write-ahead log made durable for several commits at once (group commit).

With ``synchronous=FULL`` each commit waits for the disk while it keeps all other writers out. Here
a commit is written and visible first, the next writer goes on, and whoever promises something on
the ground of it waits for :func:`flush`: an fsync of the log that *begins* after the commit, which
one caller does for all who wait. The promise is the same as FULL's, later by nothing but the wait
for it (``docs/adr/0005-durable-together.md``). No clock, no thread of its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

from django.db.backends.base.base import BaseDatabaseWrapper


class NotWritten(OSError):
    """The disk did not take what the kernel had for it."""


class Together:
    """Any number of callers, as few calls of ``sync`` as there can be. Safe for threads."""

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self._turn = threading.Lock()
        self._begun = self._done = 0
        self._broken = False

    def ticket(self) -> int:
        """The number of the first ``sync`` that is sure to begin after this call."""
        return self._begun + 1

    def wait(self, ticket: int = 0) -> None:
        """Returns when a ``sync`` that began after the ticket was drawn (by default now) has ended.

        Raises ``OSError`` when it failed; after :class:`NotWritten` always, until the relay is started anew:
        the kernel forgets what it could not write, so a later success would prove nothing.
        """
        ticket = ticket or self.ticket()
        with self._turn:
            if self._broken:
                raise NotWritten("an earlier fsync failed")
            if self._done >= ticket:
                return
            self._begun += 1
            try:
                self._sync()
            except NotWritten:
                self._broken = True
                raise
            self._done = self._begun


@contextmanager
def relaxed(database: BaseDatabaseWrapper) -> Iterator[None]:
    """Within it, this thread's commits do not wait for the disk: whoever relies on one calls :func:`flush`.

    Where there is no such log, they wait as ever.
    """
    if database.connection is None:
        database.ensure_connection()
    if not _is_wal(database):
        yield
        return
    raw = database.connection
    with database.wrap_database_errors:
        raw.execute("PRAGMA synchronous=NORMAL")
    try:
        yield
    finally:
        with database.wrap_database_errors:
            raw.execute("PRAGMA synchronous=FULL")


def flush(database: BaseDatabaseWrapper) -> None:
    """All that was committed before this call is on the disk when it returns. Raises ``OSError``.

    The caller's connection is open meanwhile, so the log cannot become another file.
    """
    database.ensure_connection()
    if _is_wal(database):
        # SQLite follows links, and keeps the log beside the file itself.
        _together(os.path.realpath(database.settings_dict["NAME"]) + "-wal").wait()


@cache
def _together(path: str) -> Together:
    return Together(partial(_sync, path))


_to_disk = getattr(os, "fdatasync", os.fsync)
"""What SQLite itself calls; it writes the file's new length too."""


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        _to_disk(handle)
    except OSError as error:
        raise NotWritten(*error.args) from error
    finally:
        os.close(handle)


_known = threading.local()


def _is_wal(database: BaseDatabaseWrapper) -> bool:
    """Whether this thread's connection writes such a log; asked once a connection."""
    raw = database.connection
    if getattr(_known, "raw", None) is not raw:
        with database.wrap_database_errors:
            _known.wal = raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        _known.raw = raw
    return bool(_known.wal)
