"""The object store is told of holds, and asked whether it still has them."""

from __future__ import annotations

import socket
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from config.settings import Settings

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.holds.mirror import Mirror


def mirror(settings: Settings, now: datetime) -> None:
    """What waits, and what the searches of holds find by now."""
    from vault.holds.searching import ask_again

    asked = ask_again(_actor(), now)
    if asked.failed:
        structlog.get_logger("worker").warning("a hold's search cannot be asked", holds=asked.failed)
    _mirror(settings).sweep(now)


def verify(settings: Settings, now: datetime) -> None:
    """Every file that should be held, in the store itself."""
    _mirror(settings).verify(now)


def _mirror(settings: Settings) -> Mirror:
    from cli.holds import build_mirror

    return build_mirror(settings, _actor())


def _actor() -> str:
    return f"worker:{socket.gethostname()[:60]}"
