"""What the console needs of the gateway: a page may not import it, so it is handed over (``web/console/desk.py``).

Made once for each process that serves pages, when the first page asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from domain.guard import GuardRules
from domain.ruling import ReviewRules

if TYPE_CHECKING:
    from classifiers.drawing import Picture
    from domain.decision import Decision
    from domain.rules import Rules
    from gateway.held_now import Asked
    from vault.held.copy import Copy
    from vault.held.opening import Reader
    from vault.held.waiting import Waiting


class Desk:
    """Implements ``web.console.desk.Desk``."""

    def __init__(self) -> None:
        from config.django import SETTINGS
        from gateway.secrecy import seal_memory

        seal_memory()  # before the reviewers' key is read
        self._settings = SETTINGS
        self._open = ExitStack()

    @property
    def rules(self) -> ReviewRules:
        """See the port."""
        return self._policy.held

    @property
    def guard(self) -> GuardRules:
        """See the port."""
        return self._policy.guard

    def open(self, record: str) -> Copy:
        """See the port."""
        return self._reader.open(record)

    def now(self, rows: Sequence[Waiting]) -> Mapping[int, Decision]:
        """See the port."""
        from cli.held.anew import look

        return look(self._asked, rows)

    def draw(self, copy: Copy, part: str, page: int) -> Picture:
        """See the port."""
        from classifiers.drawing import CannotDraw, Drawer
        from gateway.parse import parse

        content = next((p.content for p in parse(copy.raw).parts if p.path == part), None)
        if content is None:
            raise CannotDraw("no such part")
        s = self._settings.sandbox
        return Drawer(walls=s.walls, memory=s.memory_mb * 2**20, seconds=s.seconds).draw(content, page)

    @property
    def _policy(self) -> Rules:
        """Of this moment: the file may have changed."""
        from gateway.bootstrap import rules_now

        return rules_now(self._settings)

    @cached_property
    def _reader(self) -> Reader:
        from cli.jobs.held import build_reader

        return build_reader(self._settings)

    @cached_property
    def _asked(self) -> Asked:
        from cli.held.anew import asking

        return self._open.enter_context(asking(self._settings))
