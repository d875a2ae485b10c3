"""Guessing at passwords, counted by where it comes from: the delay in one connection is no hindrance to a hundred.

By address, as an account must not be locked by anybody who knows its name; an IPv6 customer has a whole /64. What one
relay process has counted the others see in the database; it is asked where somebody logs in, which takes a far longer
time for the password, and never for any other mail. If it does not answer, each process knows its own count alone.
Bounded: of very many addresses the oldest are forgotten.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Protocol, TypeVar

import structlog

from domain.errors import TryAgain

_PREFIX = 64
_PATIENCE = 2.0
"""Seconds that a client who logs in waits for the database's count."""
_T = TypeVar("_T")
_LOG = structlog.get_logger("relay")


class Tally(Protocol):
    """A count that all relay processes share. Called in a thread; each raises ``TryAgain`` where it cannot be had."""

    def failures(self, origin: str, since: datetime) -> int:
        """How many from there, if the last was after ``since``; else none."""
        ...

    def failed(self, origin: str, now: datetime, since: datetime) -> None:
        """One more; the first again where the last was not after ``since``."""
        ...


class Guesses:
    """After ``most`` failures from one address none is looked at until ``rest`` has passed since its last."""

    def __init__(
        self,
        shared: Tally | None = None,
        *,
        most: int = 10,
        rest: timedelta = timedelta(minutes=10),
        remember: int = 10_000,
    ) -> None:
        self._shared, self._most, self._rest, self._remember = shared, most, rest, remember
        self._failures: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="guesses")  # begins when it is first needed

    async def too_many(self, peer: str, now: datetime) -> bool:
        """Whether this address has to wait. Who waits here already costs the database nothing."""
        origin = origin_of(peer)
        if self._here(origin, now) >= self._most:
            return True
        shared = self._shared
        if shared is None:
            return False
        return (await self._ask(lambda: shared.failures(origin, now - self._rest)) or 0) >= self._most

    async def failed(self, peer: str, now: datetime) -> None:
        """One more; an address that has rested starts anew."""
        origin = origin_of(peer)
        count = self._here(origin, now)
        self._failures.pop(origin, None)
        self._failures[origin] = (count + 1, now)
        if len(self._failures) > self._remember:
            self._failures.popitem(last=False)
        shared = self._shared
        if shared is not None:
            await self._ask(lambda: shared.failed(origin, now, now - self._rest))

    def close(self) -> None:
        """Nobody logs in any more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _here(self, origin: str, now: datetime) -> int:
        count, last = self._failures.get(origin, (0, now))
        return count if now - last < self._rest else 0

    async def _ask(self, what: Callable[[], _T]) -> _T | None:
        """What the database says; None where it does not in time. No client is refused for that."""
        try:
            return await asyncio.wait_for(asyncio.get_running_loop().run_in_executor(self._thread, what), _PATIENCE)
        except (TryAgain, TimeoutError) as error:
            _LOG.warning("failures to log in are not shared", reason=type(error).__name__)
            return None


def origin_of(peer: str) -> str:
    """One customer's: an IPv4 address, the /64 of an IPv6 one, or what is no address as it stands."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"{IPv6Address(int(address) >> _PREFIX << _PREFIX)}/{_PREFIX}"
    return str(address.ipv4_mapped if isinstance(address, IPv6Address) else address)
