"""Large messages in a process of their own, because the OpenPGP engine stops every other thread while it works.

Input: as the wrapped protector's. Failure: a worker that dies, hangs or answers nonsense is ``ProtectionFailed``, and
the next message gets a new worker. The message's octets cross the pipe as they are; its decoded parts stay behind.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from domain.decision import Method
from domain.errors import ProtectionFailed, SallyportError
from domain.model import Address, Envelope, Message
from domain.outgoing import ProtectedMessage
from domain.ports import KeyVerdict, Protector, StoredKey
from gateway.secrecy import seal_memory

Factory = Callable[[], Protector]
_STOP_SECONDS = 5.0


class Offloaded:
    """The ``Protector`` port around another. ``factory`` must be picklable: ``functools.partial(OpenPGP, key)``.

    Messages of ``threshold_bytes`` or more go to one worker, one after another; smaller ones are done in place.
    ``timeout_seconds`` bounds the wait for the worker and, again, its work. The factory's errors come at construction.
    """

    def __init__(self, factory: Factory, threshold_bytes: int, timeout_seconds: float = 120.0) -> None:
        self._factory = factory
        self._near = factory()
        self._threshold = threshold_bytes
        self._timeout = timeout_seconds
        self._turn = threading.Lock()
        self._worker: _Worker | None = None

    @property
    def method(self) -> Method:
        """The wrapped protector's."""
        return self._near.method

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id, for those who measure; None before the first large message."""
        return self._worker.process.pid if self._worker else None

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:
        """Done in place: it is short."""
        return self._near.examine(key, now)

    def protect(
        self,
        message: Message,
        envelope: Envelope,
        recipient: Address,
        keys: Sequence[StoredKey],
        subject: str,
        now: datetime,
    ) -> ProtectedMessage:
        """See ``domain.ports.Protector``."""
        if len(message.raw) < self._threshold:
            return self._near.protect(message, envelope, recipient, keys, subject, now)
        if not self._turn.acquire(timeout=self._timeout):
            raise ProtectionFailed("the worker for large messages is busy")
        try:
            return self._far(message, (envelope, recipient, tuple(keys), subject, now))
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the worker, after what it is doing."""
        with self._turn:
            self._discard()

    def _far(self, message: Message, rest: tuple[object, ...]) -> ProtectedMessage:
        try:
            if self._worker is None or not self._worker.process.is_alive():
                self._discard()
                self._worker = _Worker(self._factory)
            answer = self._worker.ask(message, rest, self._timeout)
        except Exception as e:
            self._discard()
            raise ProtectionFailed("the worker for large messages failed", cause=type(e).__name__) from e
        if isinstance(answer, SallyportError):
            raise answer
        return answer

    def _discard(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None


class _Worker:
    """One process and our end of its pipe."""

    def __init__(self, factory: Factory) -> None:
        context = get_context("spawn")  # fork would copy locks that other threads hold
        self._pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_serve, args=(theirs, factory), name="sallyport-protect", daemon=True
        )
        self.process.start()
        theirs.close()

    def ask(
        self, message: Message, rest: tuple[object, ...], timeout_seconds: float
    ) -> ProtectedMessage | SallyportError:
        """One message there and back. A worker that takes too long is killed, which ends the wait as a closed pipe."""
        watchdog = threading.Timer(timeout_seconds, self.process.kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            self._pipe.send((replace(message, raw=b"", parts=(), unreadable=()), rest))
            self._pipe.send_bytes(message.raw)
            answer = self._pipe.recv()
            if isinstance(answer, ProtectedMessage):
                return replace(answer, content=self._pipe.recv_bytes())
        finally:
            watchdog.cancel()
        if not isinstance(answer, SallyportError):
            raise TypeError("the worker answered something else")
        return answer

    def stop(self) -> None:
        """Close the pipe, which ends the worker; kill it if that does not."""
        with suppress(OSError):
            self._pipe.close()
        self.process.join(_STOP_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(pipe: Connection, factory: Factory) -> None:
    """The worker's life: until the pipe is closed. Only a known error is passed on; any other ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the relay, which then closes the pipe
    seal_memory()
    protector = factory()
    while True:
        try:
            message, rest = pipe.recv()
            raw = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            result = protector.protect(replace(message, raw=raw), *rest)
        except SallyportError as e:
            pipe.send(type(e)(e.private, public=e.public, **e.fields))  # without its cause, which may not be picklable
            continue
        pipe.send(replace(result, content=b""))
        pipe.send_bytes(result.content)
