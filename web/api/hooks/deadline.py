"""A time limit for the whole of an exchange: a receiver that sends a byte now and then gets no more of it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Attempt:
    """One exchange that must end in time. ``hold`` every socket that it waits on."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._over = False
        self._held: socket.socket | None = None

    def left(self) -> float:
        """Seconds, above 0. Raises ``TimeoutError`` where there are none."""
        left = self._until - time.monotonic()
        if left <= 0 or self._over:
            raise TimeoutError("the time is over")
        return left

    def hold(self, held: socket.socket) -> None:
        """From now on this is what is shut when the time is over. Raises ``TimeoutError`` where it is over already."""
        with self._lock:
            held.settimeout(self.left())
            self._held = held

    def end(self) -> None:
        """Whoever waits on the socket gets its end at once."""
        with self._lock:
            self._over = True
            if self._held is not None:
                with suppress(OSError):
                    socket.socket.shutdown(self._held, socket.SHUT_RDWR)  # not TLS's own, which would wait


def within(seconds: float, do: Callable[[Attempt], int]) -> int:
    """What ``do`` gives. Raises ``TimeoutError``, or what it raises.

    It runs in a thread of its own, since a look-up of a name cannot be cut short: such a thread is left behind, and
    ends when the resolver gives up.
    """
    attempt, given, raised = Attempt(seconds), list[int](), list[BaseException]()

    def run() -> None:
        try:
            given.append(do(attempt))
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)

    thread = threading.Thread(target=run, name="webhook", daemon=True)
    thread.start()
    thread.join(seconds)
    late = thread.is_alive()
    attempt.end()
    if late:
        raise TimeoutError("no answer in time")
    if raised:
        raise raised[0]
    return given[0]
