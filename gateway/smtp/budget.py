"""How much the relay takes on at once: octets in memory and messages in the pipeline.

Who does not fit waits a little, unread, and is then told to come back (451): back-pressure
instead of unbounded memory. Used from the event loop alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Budget:
    """The room of one relay process."""

    def __init__(self, *, messages: int, octets: int) -> None:
        """At most so many messages in the pipeline, and so many octets of body in memory."""
        self._messages = messages
        self._octets = octets
        self._waiting: set[asyncio.Future[None]] = set()

    async def reserve(self, octets: int, patience: float) -> Reservation | None:
        """Room for a body of that declared size, or None when there is none within ``patience`` seconds."""
        if not await self._until(lambda: octets <= self._octets, patience):
            return None
        self._octets -= octets
        return Reservation(self, octets)

    async def enter(self, patience: float) -> bool:
        """A place in the pipeline within ``patience`` seconds; give it back by :meth:`leave`."""
        if not await self._until(lambda: self._messages > 0, patience):
            return False
        self._messages -= 1
        return True

    def leave(self) -> None:
        """One message is through."""
        self._messages += 1
        self._wake()

    def take(self, octets: int) -> bool:
        """More room for a body that is longer than declared, without waiting."""
        if octets > self._octets:
            return False
        self._octets -= octets
        return True

    def give_back(self, octets: int) -> None:
        """A body is gone from memory."""
        self._octets += octets
        self._wake()

    async def _until(self, fits: Callable[[], bool], patience: float) -> bool:
        """Wait without polling, by a timer of our own instead of a cancellation: nothing is lost on the way."""
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        while not fits():
            if loop.time() >= end:
                return False
            waiter: asyncio.Future[None] = loop.create_future()
            timer = loop.call_at(end, _settle, waiter)
            self._waiting.add(waiter)
            try:
                await waiter
            finally:
                timer.cancel()
                self._waiting.discard(waiter)
        return True

    def _wake(self) -> None:
        for waiter in self._waiting:
            _settle(waiter)


def _settle(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


class Reservation:
    """Room for one body. Whoever holds it last calls :meth:`release`; a second call does nothing."""

    def __init__(self, budget: Budget, octets: int) -> None:
        self._budget = budget
        self._octets = octets

    def cover(self, size: int) -> bool:
        """Whether there is room for a body that has grown to ``size`` octets."""
        if size <= self._octets:
            return True
        if not self._budget.take(size - self._octets):
            return False
        self._octets = size
        return True

    def release(self) -> None:
        """Give all of it back."""
        octets, self._octets = self._octets, 0
        self._budget.give_back(octets)
