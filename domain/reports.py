"""What a client asked about reports on a mail (RFC 3461), and what is owed by it.

NOTIFY says on which events the sender is told: on none, or on success, failure, delay. Who said nothing is told of
failure and delay. ENVID and ORCPT come back in every report, so that the sender's program finds what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Notify(StrEnum):
    """An event (RFC 3461 section 4.1)."""

    NEVER = "NEVER"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


@dataclass(frozen=True, slots=True)
class Asked:
    """For one recipient, by the address's ``key``. ``original`` is ORCPT as it came: a type, a semicolon, xtext."""

    key: str
    notify: frozenset[Notify] = frozenset()
    original: str = ""


@dataclass(frozen=True, slots=True)
class Reports:
    """For one mail. ``ret`` is FULL, HDRS or empty; ``envid`` as it came (xtext)."""

    ret: str = ""
    envid: str = ""
    asked: tuple[Asked, ...] = ()

    def of(self, key: str) -> Asked:
        """What was asked for this recipient; nothing, where nothing was."""
        return next((a for a in self.asked if a.key == key), Asked(key))

    def on_failure(self, key: str) -> bool:
        """Whether the sender is to be told that it will not be delivered."""
        notify = self.of(key).notify
        return not notify or Notify.FAILURE in notify

    def on_delay(self, key: str) -> bool:
        """Whether the sender is to be told that it waits.

        Held mail waits for a person; nothing tries again by itself. So who asked to hear of failures hears of it, too.
        """
        notify = self.of(key).notify
        return not notify or bool(notify & {Notify.FAILURE, Notify.DELAY})

    def on_success(self, key: str) -> bool:
        """Whether the sender is to be told that it was delivered, or handed to a system that will not say so."""
        return Notify.SUCCESS in self.of(key).notify

    def headers_only(self) -> Reports:
        """The same, but no report may bring back more than the header."""
        return replace(self, ret="HDRS")


NO_WISHES = Reports()


def written(notify: Iterable[Notify]) -> str:
    """As the value of NOTIFY, always in the same order."""
    return ",".join(n for n in Notify if n in frozenset(notify))
