"""Writing that lasts: what a file system must be asked, and in which order, so that a power cut leaves all or nothing.

Data is synced before its name is made, names before success is said. Plain text for paths: making ``Path`` objects
costs more than the system's calls do. Everything here raises ``OSError``.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HALF = ".part"
"""How the names of half-written files end."""
_PRIVATE_FILE = 0o600


def write_new(path: str, data: bytes) -> None:
    """Whole and durable, or not there at all; never over an existing file."""
    aside = f"{path}.{_suffix()}{HALF}"
    try:
        write_synced(aside, data)
        os.link(aside, path)
    finally:
        remove(aside)


def replace(path: str, data: bytes) -> None:
    """The old content or the new, whatever happens; durable on return."""
    aside = f"{path}.{_suffix()}{HALF}"
    try:
        write_synced(aside, data)
        os.replace(aside, path)  # noqa: PTH105 - see above
    finally:
        remove(aside)
    sync_folder(path.rpartition("/")[0])


@contextmanager
def turn(folder: str) -> Iterator[None]:
    """One change at a time below ``folder``, of all threads and processes; the system ends it with the process."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def remove(path: str) -> None:
    """Gone, whether it was there or not."""
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - see above


def _suffix() -> str:
    """What makes a name of our own aside unique."""
    return os.urandom(8).hex()


def write_synced(path: str, data: bytes) -> None:
    """A new file whose bytes are durable; its name is not yet."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE_FILE)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: str) -> None:
    """The names in it are durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
