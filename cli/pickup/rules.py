"""The policy as its file says it now: a change counts for the next request, without a restart.

A file that cannot be used changes nothing: what counted goes on to count, and the log says so once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import structlog

from domain.errors import SallyportError
from domain.rules import Rules

_log = structlog.get_logger("pickup")


class Followed:
    """Gives the rules. ``build`` reads the file ``path``, and raises ``SallyportError`` for one that is broken."""

    def __init__(self, path: Path, build: Callable[[], Rules]) -> None:
        self._path, self._build, self._turn = path, build, threading.Lock()
        self._seen = self._look()
        self._rules = build()

    def __call__(self) -> Rules:
        """Those that count now. A look at the file's times costs microseconds."""
        if (now := self._look()) != self._seen:
            with self._turn:
                if now != self._seen:
                    self._take(now)
        return self._rules

    def _take(self, now: tuple[int, ...]) -> None:
        self._seen = now
        try:
            self._rules = self._build()
        except SallyportError as error:
            _log.error("policy not taken", reason=error.private)
        else:
            _log.info("policy taken")

    def _look(self) -> tuple[int, ...]:
        """Empty while the file is away."""
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return found.st_mtime_ns, found.st_size, found.st_ino
