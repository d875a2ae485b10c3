"""Who changes the register, why, and when: carried beside the call, written into the history of every row.

Set once at the edge (a command, an API request, a page); everything saved inside is recorded in that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """``who`` is a user's or program's name, ``why`` a few words; ``at`` the recorded time, None for the clock's."""

    who: str
    why: str = ""
    at: datetime | None = None


NOBODY = Actor("unknown")
_acting: ContextVar[Actor] = ContextVar("acting", default=NOBODY)


@contextmanager
def acting(who: str, why: str = "", at: datetime | None = None) -> Iterator[None]:
    """Everything saved inside is recorded as theirs."""
    token = _acting.set(Actor(who, why, at))
    try:
        yield
    finally:
        _acting.reset(token)


def actor() -> Actor:
    """Who acts now."""
    return _acting.get()
