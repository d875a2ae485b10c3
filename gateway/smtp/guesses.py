"""Guessing at passwords, counted by where it comes from: the delay in one connection is no hindrance to a hundred.

By address, as an account must not be locked by anybody who knows its name; an IPv6 customer has a whole /64. Each relay
process counts for itself. Bounded: of very many addresses the oldest are forgotten. No I/O; times are in seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

_PREFIX = 64


class Guesses:
    """After ``most`` failures from one address none is looked at until ``rest`` seconds after its last."""

    def __init__(self, *, most: int = 10, rest: float = 600.0, remember: int = 10_000) -> None:
        self._most, self._rest, self._remember = most, rest, remember
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def too_many(self, peer: str, now: float) -> bool:
        """Whether this address has to wait."""
        count, last = self._failures.get(_neighbourhood(peer), (0, now))
        return count >= self._most and now - last < self._rest

    def failed(self, peer: str, now: float) -> None:
        """One more; an address that has rested starts anew."""
        origin = _neighbourhood(peer)
        count, last = self._failures.pop(origin, (0, now))
        self._failures[origin] = (count + 1 if now - last < self._rest else 1, now)
        if len(self._failures) > self._remember:
            self._failures.popitem(last=False)


def _neighbourhood(peer: str) -> str:
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> (128 - _PREFIX))
    return str(address.ipv4_mapped if isinstance(address, IPv6Address) else address)
