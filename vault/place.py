"""The place of SQLite's one writer. Who finds it taken by SQLite's own means sleeps and looks again, longer each time.

So the threads of a process queue by a lock, and processes by a lock on an empty file beside the database, which the
kernel gives on at once, and takes back from one that dies. Others may still write without asking; then SQLite decides.
"""

from __future__ import annotations

import fcntl
import os
import threading

_ENDING = "-turn"


class Place:
    """Safe for threads; one a process."""

    def __init__(self) -> None:
        self._threads = threading.Lock()
        self._files: dict[str, int] = {}

    def take(self, database: str) -> None:
        """Wait for it, and have it. ``database`` is the file's path; empty where there is none. Raises ``OSError``."""
        self._threads.acquire()
        try:
            if database:
                fcntl.flock(self._file(database), fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def leave(self, database: str) -> None:
        """The next one's turn."""
        try:
            if database:
                fcntl.flock(self._files[database], fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _file(self, database: str) -> int:
        """Opened once. Its owner is the database's, as SQLite does it for its own files: root may have come first."""
        if database not in self._files:
            owner = os.stat(database)  # noqa: PTH116 - plain text for paths
            handle = os.open(database + _ENDING, os.O_RDONLY | os.O_CREAT, owner.st_mode & 0o666)
            if os.geteuid() == 0:
                os.fchown(handle, owner.st_uid, owner.st_gid)
            self._files[database] = handle
        return self._files[database]
