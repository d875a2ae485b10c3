"""Who does something with the vault, when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.here import HERE
from vault import audit


@dataclass(frozen=True, slots=True)
class Acting:
    """An account, a moment (aware), and a reason where one is asked for."""

    actor: str
    now: datetime
    why: str = ""

    @property
    def today(self) -> date:
        """The day here."""
        return self.now.astimezone(HERE).date()

    def event(self, action: str, record: str = "", **details: Any) -> audit.Event:
        """An audit event in their name."""
        return audit.Event(self.now, self.actor, action, record, self.why, details)
