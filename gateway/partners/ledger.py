"""Counts handshakes with partners' servers, and writes the counts down now and then: at once where one failed.

A count that cannot be written is lost with a line in the log; no mail waits for it.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta

import structlog

from domain.errors import VaultUnavailable
from domain.ports import Clock
from gateway.deliver import Handshake
from vault import partners
from vault.partners import Seen

_EVERY = timedelta(seconds=30)
_AT_MOST = 1000
_LOG = structlog.get_logger("relay")


class Ledger:
    """Thread-safe; one a process. Call it with each handshake, and ``close`` it at the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: Counter[Seen] = Counter()
        self._written: datetime | None = None
        self._lock = threading.Lock()

    def __call__(self, handshake: Handshake) -> None:
        """Take it down."""
        h, now = handshake, self._clock.now()
        seen = Seen(h.domain, h.host, h.published.kind, h.published.lines, h.result, h.security.strict)
        with self._lock:
            self._counts[seen] += 1
            due = self._written is None or now - self._written >= _EVERY or len(self._counts) >= _AT_MOST
        if h.result:
            _LOG.warning("TLS failed", result=h.result, policy=h.published.kind, strict=h.security.strict)
        if due or h.result:
            self._write(now)

    def close(self) -> None:
        """Write down what is left."""
        self._write(self._clock.now())

    def _write(self, now: datetime) -> None:
        with self._lock:
            counts, self._counts, self._written = self._counts, Counter(), now
        try:
            if counts:
                partners.note(counts.items(), now)
        except VaultUnavailable as error:
            _LOG.warning("TLS counts lost", kinds=len(counts), reason=error.private)
