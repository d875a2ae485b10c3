"""Remembers which OpenPGP certificates passed the gate, for exactly as long as time changes nothing about them.

A message's certificate passes the gate twice, in ``examine`` and in ``protect``; the second time need not try every
subkey again. What passed is remembered under the certificate's octets, whole and not as a digest. The verdict also
depends on ``now``, so every instant at which anything in the certificate begins or ends is taken down there, and it
serves only from the last of them before ``now`` to the next after it, and for a minute at most: the engine also has a
calendar of its own, of algorithms that it gives up. Refusals are not remembered; they are found anew each time.

Input and failure: as ``pgp_gate``.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.protect.pgp_gate import LiveCertificate, pass_gate

_LONGEST = timedelta(minutes=1)
_MAX_OCTETS_EACH = 64 << 10  # a key with a picture in it passes the gate in full each time
_MAX_OCTETS = 4 << 20


@dataclass(frozen=True, slots=True)
class _Remembered:
    """Serves where ``since <= now < until``."""

    live: LiveCertificate
    since: datetime
    until: datetime


class GateMemory:
    """``pass_gate`` with a memory of ``max_octets`` of certificates, the least recently used forgotten first.

    May be used by several threads. Two that ask for the same certificate at once may both do the work.
    """

    def __init__(self, max_octets: int = _MAX_OCTETS) -> None:
        self._max_octets = max_octets
        self._octets = 0
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def pass_gate(self, data: bytes, now: datetime) -> LiveCertificate:
        """As ``pgp_gate.pass_gate``, and with the same answer. Raises ``UnusableKey`` and nothing else."""
        known = self._recall(data, now)
        if known is not None:
            return known
        live = pass_gate(data, now)
        if len(data) <= min(_MAX_OCTETS_EACH, self._max_octets):
            self._remember(data, _Remembered(live, *_unchanged_around(live, now)))
        return live

    def _recall(self, data: bytes, now: datetime) -> LiveCertificate | None:
        with self._lock:
            known = self._remembered.get(data)
            if known is None:
                return None
            if known.since <= now < known.until:
                self._remembered.move_to_end(data)
                return known.live
            self._forget(data)
            return None

    def _remember(self, data: bytes, known: _Remembered) -> None:
        with self._lock:
            if data in self._remembered:
                self._forget(data)
            self._remembered[data] = known
            self._octets += len(data)
            while self._octets > self._max_octets:
                self._forget(next(iter(self._remembered)))

    def _forget(self, data: bytes) -> None:
        del self._remembered[data]
        self._octets -= len(data)


def _unchanged_around(live: LiveCertificate, now: datetime) -> tuple[datetime, datetime]:
    """From when (included) until when (excluded) nothing in the certificate begins or ends."""
    instants = live.instants if live.expires_at is None else live.instants | {live.expires_at}
    since = max([now - _LONGEST, *(i for i in instants if i <= now)])
    until = min([now + _LONGEST, *(i for i in instants if i > now)])
    return since, until
