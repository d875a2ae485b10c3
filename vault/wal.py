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
from collections.abc import Callable
from functools import cache, partial
from mmap import mmap

from django.db.backends.base.base import BaseDatabaseWrapper


class NotWritten(OSError):
    """The disk did not take what the kernel had for it."""


class Together:
    """Any number of callers, as few calls of ``sync`` as there can be. Safe for threads.

    ``broken``, one octet, is set once a ``sync`` has failed; relays of one family share it.
    """

    def __init__(self, sync: Callable[[], None], broken: mmap | bytearray | None = None) -> None:
        self._sync = sync
        self._turn = threading.Lock()
        self._begun = self._done = 0
        self._broken = bytearray(1) if broken is None else broken

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
            self._check()
            if self._done >= ticket:
                return
            self._begun += 1
            try:
                self._sync()
            except NotWritten:
                self._broken[0] = 1
                raise
            self._check()
            self._done = self._begun

    def _check(self) -> None:
        if self._broken[0]:
            raise NotWritten("an earlier fsync failed")


def opened(database: BaseDatabaseWrapper) -> str:
    """This thread's connection is open. The path of the database that has such a log; empty where there is none."""
    if database.connection is None:
        database.ensure_connection()
    return _real(database.settings_dict["NAME"]) if _is_wal(database) else ""


def relax(database: BaseDatabaseWrapper) -> None:
    """From here on this thread's commits do not wait for the disk: whoever relies on one calls :func:`flush`.

    For a database that has such a log; :func:`tighten` follows in any case.
    """
    with database.wrap_database_errors:
        database.connection.execute("PRAGMA synchronous=NORMAL")


def tighten(database: BaseDatabaseWrapper) -> None:
    """They wait again."""
    with database.wrap_database_errors:
        database.connection.execute("PRAGMA synchronous=FULL")


def flush(database: BaseDatabaseWrapper) -> None:
    """All that was committed before this call is on the disk when it returns. Raises ``OSError``.

    The caller's connection is open meanwhile, so the log cannot become another file.
    """
    path = opened(database)
    if path:
        _together(path + "-wal").wait()


def share_failures() -> None:
    """Before relay processes are forked: what one of them learns of the disk, all of them know."""
    global _shared  # noqa: PLW0603 - one a family of processes
    _shared = mmap(-1, 1)


_shared: mmap | None = None


@cache
def _real(name: str) -> str:
    """SQLite follows links, and keeps the log beside the file itself."""
    return os.path.realpath(name)


@cache
def _together(path: str) -> Together:
    return Together(partial(_sync, path), _shared)


_to_disk = getattr(os, "fdatasync", os.fsync)
"""What SQLite itself calls; it writes the file's new length too."""


def _sync(path: str) -> None:
    """By a handle that is kept: the kernel tells each open one of a failure, and a later one of none (errseq)."""
    handle = _handle(path)
    try:
        _to_disk(handle)
    except OSError as error:
        raise NotWritten(*error.args) from error


_handles: dict[str, tuple[int, tuple[int, int]]] = {}


def _handle(path: str) -> int:
    """That of the file which is there now: SQLite makes another one when nobody had it open. Raises ``OSError``."""
    there = os.stat(path)  # noqa: PTH116 - plain text for paths
    which = (there.st_dev, there.st_ino)
    kept = _handles.get(path)
    if kept is None or kept[1] != which:
        _handles[path] = fresh = os.open(path, os.O_RDWR), which
        if kept is not None:
            os.close(kept[0])
        return fresh[0]
    return kept[0]


_known = threading.local()


def _is_wal(database: BaseDatabaseWrapper) -> bool:
    """Whether this thread's connection writes such a log; asked once a connection."""
    raw = database.connection
    if getattr(_known, "raw", None) is not raw:
        with database.wrap_database_errors:
            _known.wal = raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        _known.raw = raw
    return bool(_known.wal)
