"""Step 1, accept, and the last word: the relay process, and every reply that speaks of a message's fate.

Clients are trusted no further than their network or their log-in. 250 is said only when every
recipient has a durable outcome (promise 3; RFC 5321 section 4.2.5); whatever else happens, foreseen
or not, is 451, or 5xx where the message itself is at fault. What is being processed is never
cancelled: not by a client that hangs up, not by a time-out, not by a stop.

====================  ==========================================================
all durable           ``250 2.0.0 Ok <id>``
any TRY_AGAIN         ``451 4.3.0`` (the journal keeps the served ones from a second copy)
outcomes missing      ``451 4.3.0``
``MalformedMessage``  ``550 5.6.0``
``MailLoop``          ``554 5.4.6``
other ``Refused``     ``550 5.7.1``
``TryAgain``          ``451 4.3.0``
any other exception   ``451 4.3.0``
====================  ==========================================================

LMTP (RFC 2033) says the same recipient by recipient.
"""

from __future__ import annotations

import asyncio
import secrets
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from time import monotonic
from typing import cast

import structlog

from domain.errors import ConfigurationError, MailLoop, MalformedMessage, Refused, SallyportError, TryAgain
from domain.model import Envelope
from domain.outgoing import Fate, Outcome
from domain.ports import Clock
from gateway.smtp.budget import Budget, Reservation
from gateway.smtp.connection import Connection
from gateway.smtp.guesses import Guesses
from gateway.smtp.house import Answer, Capacity, Dialogue, Listener, Speaks, Unwatched, Watch
from gateway.smtp.lmtp import Lmtp
from gateway.smtp.protocol import Smtp
from gateway.smtp.sharing import BACKLOG, Acceptor, Child

Process = Callable[[Envelope, bytes], Sequence[Outcome]]
"""The pipeline: synchronous, called in a thread, may raise anything."""

log = structlog.get_logger(__name__)

_FAREWELL = 1.0
"""Seconds in which the last replies may still leave."""
_STOPPED = "421 4.3.2 The mail gateway is stopping, try again later"
_BUSY = "451 4.3.2 The mail gateway is busy, try again later"
_REFUSALS: tuple[tuple[type[SallyportError], str], ...] = (
    (MalformedMessage, "550 5.6.0"),
    (MailLoop, "554 5.4.6"),
    (Refused, "550 5.7.1"),
)


def answer_outcomes(envelope: Envelope, outcomes: Sequence[Outcome], ident: str) -> Answer:
    """What is said when the pipeline came to its end. A recipient without an outcome is to be tried again."""
    fates = {outcome.recipient: outcome.fate for outcome in outcomes}
    each = {r: _of_fate(fates.get(r, Fate.TRY_AGAIN), ident) for r in envelope.recipients}
    kept = [reply for reply in each.values() if not reply.startswith("250")]
    return Answer(kept[0] if kept else _of_fate(Fate.DELIVERED, ident), each)


def _of_fate(fate: Fate, ident: str) -> str:
    return f"451 4.3.0 {TryAgain.public}" if fate is Fate.TRY_AGAIN else f"250 2.0.0 Ok {ident}"


def answer_error(error: BaseException) -> Answer:
    """What is said when it did not. Only the public sentences of our own errors are ever said."""
    for kind, code in _REFUSALS:
        if isinstance(error, kind):
            return Answer(f"{code} {_sentence(error.public)}")
    public = error.public if isinstance(error, TryAgain) else TryAgain.public
    return Answer(f"451 4.3.0 {_sentence(public)}")


def _sentence(text: str) -> str:
    """On one line, so that no reply can hold another."""
    return " ".join(text.split())


class Relay:
    """The relay process. Implements :class:`~gateway.smtp.house.House`."""

    def __init__(
        self,
        process: Process,
        clock: Clock,
        dialogue: Dialogue,
        listeners: Sequence[Listener],
        capacity: Capacity | None = None,
        *,
        guard: Callable[[bytes], None] | None = None,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
        child: Child | None = None,
        watch: Watch | None = None,
        guesses: Guesses | None = None,
    ) -> None:
        """``guard`` looks at each message first and may raise ``Refused`` (the loop guard).

        ``loop_factory`` is ``uvloop.new_event_loop`` where that is wanted. A ``child`` shares its listeners' sockets.
        Raises ``ConfigurationError`` for what could never work.
        """
        capacity = capacity or Capacity()
        _check(dialogue, listeners, capacity)
        self.dialogue = dialogue
        self.budget = Budget(messages=capacity.messages, octets=capacity.octets)
        self.guesses = guesses or Guesses()
        self._process, self._clock, self._guard = process, clock, guard
        self._listeners, self._capacity = tuple(listeners), capacity
        self._loop_factory, self._child = loop_factory, child
        self._watch = watch or Unwatched()
        self._connections: set[Connection] = set()
        self._servers: list[asyncio.Server | Acceptor] = []
        self._pool = ThreadPoolExecutor(capacity.threads, thread_name_prefix="pipeline")
        self._closing = self._asked = False
        self._signals = 0
        self._empty = asyncio.Event()
        self._stop = asyncio.Event()
        self._grace = 0.0
        self._loop: asyncio.AbstractEventLoop
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self.addresses: tuple[tuple[str, int], ...] = ()
        """Host and port of each listener, in order, once it listens."""

    # What connections ask

    def admit(self, connection: Connection) -> bool:
        """See the protocol."""
        if self._closing or len(self._connections) >= self._capacity.connections:
            return False
        self._connections.add(connection)
        self._count()
        return True

    def forget(self, connection: Connection) -> None:
        """See the protocol."""
        self._connections.discard(connection)
        self._count()
        if not self._connections:
            self._empty.set()

    def _count(self) -> None:
        self._watch.connections(len(self._connections))
        if self._child is not None:
            self._child.share.has(len(self._connections))

    def now(self) -> datetime:
        """See the protocol."""
        return self._clock.now()

    async def receive(self, envelope: Envelope, raw: bytes, room: Reservation) -> Answer:
        """See the protocol. Whatever becomes of the connection, the job runs to its end and then frees its room."""
        ident = secrets.token_hex(8)
        try:
            entered = await self.budget.enter(self.dialogue.patience)
        except BaseException:
            room.release()
            raise
        if not entered:
            room.release()
            log.warning("no room", id=ident, octets=len(raw))
            return Answer(_BUSY)
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()
        self._pool.submit(self._job, loop, partial(self._through, room, answered), envelope, raw, ident)
        return await answered

    def _job(
        self,
        loop: asyncio.AbstractEventLoop,
        through: Callable[[Answer], None],
        envelope: Envelope,
        raw: bytes,
        ident: str,
    ) -> None:
        """In a thread. Without the two futures and four callbacks by which asyncio waits for one."""
        answer = answer_error(TryAgain("broken off"))
        with suppress(BaseException):  # whatever fails outside the pipeline, no client waits for ever
            answer = self._work(envelope, raw, ident)
        with suppress(RuntimeError):  # the loop is closed: nobody waits for an answer any more
            loop.call_soon_threadsafe(through, answer)

    def _through(self, room: Reservation, answered: asyncio.Future[Answer], answer: Answer) -> None:
        self.budget.leave()
        room.release()
        if not answered.done():
            answered.set_result(answer)

    def _work(self, envelope: Envelope, raw: bytes, ident: str) -> Answer:
        """In a thread. Never raises, whatever the pipeline does."""
        begun, size = monotonic(), len(raw)
        with self._watch.message(ident, size, len(envelope.recipients)) as answered:
            answer = self._answer(envelope, raw, ident)
            answered(answer.whole[:3])
        took = round((monotonic() - begun) * 1000)
        log.info("message", id=ident, code=answer.whole[:3], octets=size, recipients=len(envelope.recipients), ms=took)
        return answer

    def _answer(self, envelope: Envelope, raw: bytes, ident: str) -> Answer:
        try:
            if self._guard is not None:
                self._guard(raw)
            return answer_outcomes(envelope, self._process(envelope, raw), ident)
        except BaseException as error:  # noqa: BLE001 - 451 for whatever was not foreseen: the client keeps its copy
            log.warning("not accepted", id=ident, kind=type(error).__name__)
            return answer_error(error)

    # Life

    async def open(self) -> None:
        """Listen. Raises ``ConfigurationError`` if an address cannot be had."""
        loop = asyncio.get_running_loop()
        try:
            for listener in self._listeners:
                self._servers.append(await self._listen(loop, listener))
        except OSError as error:
            await self.close(0)
            where = f"{listener.host} port {listener.port}"
            raise ConfigurationError("listen", public=f"The relay cannot listen on {where}.") from error
        self.addresses = tuple(server.sockets[0].getsockname()[:2] for server in self._servers)

    async def _listen(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> asyncio.Server | Acceptor:
        kind = Lmtp if listener.speaks is Speaks.LMTP else Smtp
        tls = self.dialogue.tls if listener.implicit_tls else None
        handshake = 30 if tls is not None else None
        if self._child is not None:
            return Acceptor(listener.sockets, lambda: kind(self, loop), self._child.share, tls, handshake)
        return await loop.create_server(
            lambda: kind(self, loop),
            listener.host,
            listener.port,
            ssl=tls,
            ssl_handshake_timeout=handshake,
            backlog=BACKLOG,
            reuse_address=True,
        )

    async def close(self, grace: float) -> None:
        """Stop listening; let what is under way end within ``grace`` seconds; tell all others 421."""
        self._closing = True
        for server in self._servers:
            server.close()
        for connection in tuple(self._connections):
            connection.wind_down()
        await self._until_gone(grace)
        for connection in tuple(self._connections):
            connection.cut_off(_STOPPED)
        await self._until_gone(_FAREWELL)
        self.guesses.close()
        # What runs is finished by its thread before the process ends; what has not begun never begins.
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _until_gone(self, seconds: float) -> None:
        if self._connections:
            self._empty.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)

    def start(self) -> None:
        """Run in a thread of its own; returns when it listens, or raises what kept it from listening."""
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening,), name="relay")
        self._thread.start()
        listening.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure

    def stop(self, grace: float = 30.0) -> None:
        """End what :meth:`start` began, and wait for the end."""
        if self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ask_to_stop, grace)
            self._thread.join()

    def run_forever(self, grace: float = 30.0, *, ready: Callable[[], None] = lambda: None) -> None:
        """Run here until SIGTERM or SIGINT; a second signal ends the grace. ``ready`` is called once it listens."""
        with asyncio.Runner(loop_factory=self._loop_factory) as runner:
            runner.run(self._serve(ready, grace))

    def _run(self, listening: threading.Event) -> None:
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._serve(listening.set, None))
        except BaseException as error:  # noqa: BLE001 - raised again by start
            self._failure = error
            listening.set()

    async def _serve(self, ready: Callable[[], None], grace: float | None) -> None:
        """``grace`` is given where signals are ours to handle."""
        self._loop = asyncio.get_running_loop()
        await self.open()
        if grace is not None:
            for number in (signal.SIGTERM, signal.SIGINT):
                self._loop.add_signal_handler(number, self._signalled, grace)
            if self._child is not None:
                self._loop.add_reader(self._child.leash, self._let_go, grace)
        self._count()
        ready()
        await self._stop.wait()
        self._stop.clear()
        hurry = asyncio.ensure_future(self._stop.wait())
        closing = asyncio.ensure_future(self.close(self._grace))
        await asyncio.wait((closing, hurry), return_when=asyncio.FIRST_COMPLETED)
        if not closing.done():
            closing.cancel()
            await self.close(0)
        hurry.cancel()

    def _let_go(self, grace: float) -> None:
        """The supervisor stops, or is gone. A signal may say the same before or after; two signals end the grace."""
        self._loop.remove_reader(cast("Child", self._child).leash)
        if not self._asked:
            self._ask_to_stop(grace)

    def _signalled(self, grace: float) -> None:
        self._signals += 1
        if self._signals > 1 or not self._asked:
            self._ask_to_stop(grace)

    def _ask_to_stop(self, grace: float) -> None:
        self._asked, self._grace = True, grace
        self._stop.set()


def _check(dialogue: Dialogue, listeners: Sequence[Listener], capacity: Capacity) -> None:
    if not listeners:
        raise ConfigurationError("listeners", public="The relay has nowhere to listen.")
    if dialogue.max_size > capacity.octets:
        raise ConfigurationError("sizes", public="The largest message is larger than what may be in memory at once.")
    if dialogue.tls is None and any(listener.implicit_tls for listener in listeners):
        raise ConfigurationError("implicit tls", public="A TLS port needs a TLS certificate.")
