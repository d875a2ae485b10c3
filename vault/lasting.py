"""The time within long work that was told once what the time is.

Sweeps over a whole vault take hours, and reckon with the time at which they began. What they write to the audit trail
must say when it was written: an event that is hours older than the checkpoint before it looks as if it had been put
in afterwards (``vault/merkle/walking.py``).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class Lasting:
    """Began at ``began``; goes on by the monotonic clock, in whole minutes."""

    def __init__(self, began: datetime, seconds: Callable[[], float] = time.monotonic) -> None:
        self.began = began
        self._seconds = seconds
        self._from = seconds()

    @property
    def now(self) -> datetime:
        """Never before ``began``."""
        return self.began + timedelta(minutes=int((self._seconds() - self._from) // 60))
