"""A relay with all that belongs to it: the supervisor, its processes, their readers. Linux's ``/proc`` tells."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_OWN, _OF_CHILDREN = slice(11, 13), slice(13, 15)
"""Fields of ``/proc/PID/stat`` behind the name: user and system time, of the process and of those it has waited for."""


def relays(pid: int) -> list[int]:
    """The relay processes: the supervisor's children, or the relay itself where it is alone. Readers are none."""
    found = [child for child in _children(pid) if _named(child) == _named(pid)]
    return found or [pid]


def processor_seconds(pid: int) -> tuple[float, float]:
    """Spent so far by the relay processes, and by everything below them, readers mostly: those that have gone, too."""
    ours = relays(pid)
    below = {p for relay in ours for p in _below(relay)}
    gone = sum(_spent(relay, _OF_CHILDREN) for relay in {*ours, *below})
    return sum(map(spent, {pid, *ours})), sum(map(spent, below)) + gone


class Spending:
    """Seconds of a process and of everything below it, looked at ten times a second while it goes.

    A reader that is replaced takes its walls with it, and nobody waits for what was within: at the end it would be as
    if it had never been. What lives for less than a tenth of a second may be missed.
    """

    def __init__(self, pid: int) -> None:
        self._pid, self._lock = pid, threading.Lock()
        self._seen: dict[int, float] = {}
        threading.Thread(target=self._watch, daemon=True).start()

    def total(self) -> float:
        """Until now."""
        with self._lock:
            for pid in (self._pid, *_below(self._pid)):
                self._seen[pid] = max(spent(pid), self._seen.get(pid, 0.0))
            return sum(self._seen.values())

    def _watch(self) -> None:
        while Path(f"/proc/{self._pid}").exists():
            self.total()
            time.sleep(0.1)


def peak_megabytes(pid: int) -> float:
    """The most memory that any one relay process has had (``VmHWM``)."""
    return max(map(_peak, relays(pid)))


def _peak(pid: int) -> float:
    return _of_status(pid, "VmHWM")


def megabytes(pid: int) -> float:
    """What a process has in memory now (``VmRSS``)."""
    return _of_status(pid, "VmRSS")


def open_files(pid: int) -> int:
    """Files, sockets and pipes that a process has open; none of one that has just gone."""
    with suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0


def below(pid: int) -> list[int]:
    """Everything that a process started, and what that started."""
    return list(_below(pid))


def _of_status(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(name))) / 1024


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += [int(word) for word in (thread / "children").read_text(encoding="ascii").split()]
    return found


def _below(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _below(child)


def _named(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def spent(pid: int) -> float:
    """Seconds of the process and its threads; nothing of one that has just gone."""
    return _spent(pid, _OWN)


def ended(pid: int) -> float:
    """Seconds of its children that have ended and were waited for."""
    return _spent(pid, _OF_CHILDREN)


def _spent(pid: int, fields: slice) -> float:
    with suppress(OSError):
        found = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[fields]
        return sum(map(int, found)) / os.sysconf("SC_CLK_TCK")
    return 0.0
