"""The console's desk over a test's own waiting room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.test import override_settings

from classifiers.drawing import CannotDraw, Drawer, Picture
from domain.decision import Decision
from domain.guard import GuardRules
from domain.ruling import ReviewRules
from vault.held.copy import Copy
from vault.held.opening import Reader
from vault.held.waiting import Waiting
from web.console.desk import desk

_LAID: list[Any] = []


@dataclass
class Desk:
    """Implements ``web.console.desk.Desk``. ``fault`` is what opening raises."""

    reader: Reader
    rules: ReviewRules
    decided: Mapping[int, Decision]
    attachment: bytes = b""
    fault: Exception | None = None
    guard: GuardRules = field(default_factory=GuardRules)

    def open(self, record: str) -> Copy:
        if self.fault:
            raise self.fault
        return self.reader.open(record)

    def now(self, rows: Sequence[Waiting]) -> Mapping[int, Decision]:
        return self.decided

    def draw(self, copy: Copy, part: str, page: int) -> Picture:
        if part != "2":
            raise CannotDraw("no such part")
        return Drawer(walls=False).draw(self.attachment, page)


@contextmanager
def laid(one: Desk) -> Iterator[Desk]:
    """Pages use this one, until the block ends."""
    _LAID.append(one)
    desk.cache_clear()
    with override_settings(SALLYPORT_DESK="tests.support.desk.the_one"):
        yield one
    _LAID.pop()
    desk.cache_clear()


def the_one() -> Any:
    return _LAID[-1]
