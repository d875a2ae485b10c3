"""Several relay processes on one port, and the one that watches over them.

The supervisor binds the addresses and forks. It speaks with no client, opens no database, reads no key and starts no
thread, so each child, also one that replaces another, begins as if nothing had been before it. The first child comes
up alone: what is wrong with the settings is said once, and ends all.

Each child holds the reading end of a pipe whose writing end the supervisor alone has (the leash). When that closes, be
it that the supervisor stops or that it was killed, the child stops as on SIGTERM: what is under way ends, and no child
is left over. A child that dies is replaced, at once when it had been up for a minute, else after a pause that grows.
What a dead child was at is for the journal: the client keeps its mail, and the claim runs out.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

import structlog

from gateway.smtp.house import Listener
from gateway.smtp.sharing import Child, Shares, bound
from watch.serving import gone

log = structlog.get_logger(__name__)

_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGCHLD})
_STEADY = 60.0
"""Seconds after which a process counts as well."""
_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_LOOK = 0.05


def announce(addresses: Sequence[tuple[str, int]], processes: int) -> None:
    """Say in the log that the relay takes mail."""
    log.info("listening", addresses=[f"{host}:{port}" for host, port in addresses], processes=processes)


def supervised(listeners: Sequence[Listener], processes: int) -> Child | None:
    """Returns in each child with what it needs, and in the supervisor with None, when all is over.

    Raises ``ConfigurationError`` for an address that cannot be had; ``SystemExit`` with a child's code when the first
    one, or the last, does not come up.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    gc.freeze()  # what is there now is shared with the children, and stays
    return _Supervisor([bound(each) for each in listeners], processes).run()


class _Place:
    """One of the processes to be. ``pause`` is how long its next failure waits."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pid = 0
        self.begun = self.due = 0.0
        self.pause = _PAUSE
        self.ready = False


class _Supervisor:
    def __init__(self, listeners: Sequence[Listener], processes: int) -> None:
        self._listeners = tuple(listeners)
        self._shares = Shares(processes)
        self._places = [_Place(number) for number in range(processes)]
        self._held, self._leash = os.pipe()
        self._told, self._tell = os.pipe()
        os.set_blocking(self._told, False)
        self._announced = self._stopping = False

    def run(self) -> Child | None:
        """Until all children have ended. Returns in each child, too."""
        while not self._stopping or self._alive:
            child = self._fill()
            if child:
                return child
            self._wait()
            self._hear()
            self._reap()
        return None

    @property
    def _alive(self) -> list[_Place]:
        return [place for place in self._places if place.pid]

    @property
    def _empty(self) -> list[_Place]:
        """Those to be filled: the first alone until it is up."""
        if self._stopping:
            return []
        return [place for place in self._places[: None if self._announced else 1] if not place.pid]

    def _fill(self) -> Child | None:
        now = monotonic()
        for place in self._empty:
            if place.due <= now:
                place.begun, place.ready = now, False
                place.pid = os.fork()
                if not place.pid:
                    return self._become(place.number)
        return None

    def _become(self, number: int) -> Child:
        """In the child: nothing of the supervisor's is left but what it was given."""
        os.close(self._leash)
        os.close(self._told)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return Child(self._listeners, self._shares.of(number), self._held, partial(_tell, self._tell, number))

    def _wait(self) -> None:
        """For a signal; not longer than until somebody is due, or may have come up."""
        coming = any(not place.ready for place in self._alive)
        due = min((place.due - monotonic() for place in self._empty), default=_LONGEST_PAUSE)
        came = signal.sigtimedwait(_SIGNALS, max(0.0, min(due, _LOOK if coming else _LONGEST_PAUSE)))
        if came and came.si_signo != signal.SIGCHLD:
            self._stop()

    def _stop(self) -> None:
        """Let go of all. Who asks a second time has no patience left, which a child takes from two signals."""
        if self._stopping:
            for place in self._alive:
                os.kill(place.pid, signal.SIGTERM)
                os.kill(place.pid, signal.SIGINT)
            return
        self._stopping = True
        os.close(self._leash)
        for listener in self._listeners:
            for each in listener.sockets:
                each.close()

    def _hear(self) -> None:
        """Which ones are up."""
        with suppress(BlockingIOError):
            for number in os.read(self._told, len(self._places)):
                self._places[number].ready = True
                log.info("relay process is up", process=number)
                if not self._announced:
                    self._announced = True
                    names = [s.getsockname()[:2] for listener in self._listeners for s in listener.sockets]
                    announce(names, len(self._places))

    def _reap(self) -> None:
        """Those that ended; in a container, where this is process 1, also what a killed child's readers left."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                for place in self._alive:
                    if place.pid == ended[0]:
                        place.pid = 0
                        self._shares.gone(place.number)
                        gone(ended[0])
                        self._lost(place, os.waitstatus_to_exitcode(ended[1]))

    def _lost(self, place: _Place, code: int) -> None:
        """Replace it, or end where there is nobody to go on with. ``code`` is minus a signal's number."""
        if self._stopping:
            return
        if not place.ready and not self._alive:
            raise SystemExit(code if code > 0 else 1)  # it has said why
        log.error("relay process ended", process=place.number, code=code)
        lived = monotonic() - place.begun
        place.pause = _PAUSE if lived > _STEADY else min(place.pause * 2, _LONGEST_PAUSE)
        place.due = monotonic() + (0 if lived > _STEADY else place.pause)


def _tell(pipe: int, number: int) -> None:
    os.write(pipe, bytes([number]))
