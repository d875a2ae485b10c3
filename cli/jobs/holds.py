"""The object store is told of holds, and asked whether it still has them."""

from __future__ import annotations

import socket
from datetime import datetime
from typing import TYPE_CHECKING

from config.settings import Settings

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.holds.mirror import Mirror


def mirror(settings: Settings, now: datetime) -> None:
    """What waits."""
    _mirror(settings).sweep(now)


def verify(settings: Settings, now: datetime) -> None:
    """Every file that should be held, in the store itself."""
    _mirror(settings).verify(now)


def _mirror(settings: Settings) -> Mirror:
    from cli.holds import build_mirror

    return build_mirror(settings, f"worker:{socket.gethostname()[:60]}")
