"""Retention by the clock: the register's facts joined to the vault's records; a bounded piece of work at a time.

Each run goes on where the last one stopped, so that no other job of the worker has to wait long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import structlog

from config.settings import Settings
from domain.retention_reckoning import Life

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.retention import Retention
    from vault.retention.mirroring import Mirror, Mirrored

_ACTOR = "worker"
_BATCHES = 40
"""Batches of records (500 each) and chunks of objects (100 each) a run."""
_LINES = 20
"""Failures that the log names a run; the rest are counted."""


class RegisterLives:
    """Implements ``vault.retention.Lives`` over the register's tables."""

    def of(self, people: Collection[str]) -> Mapping[str, Life]:
        """See the port."""
        from register import care

        return care.lives(people)


def build_retention(settings: Settings) -> Retention:
    """What has run out, by the present schedule and register. Raises ``ConfigurationError``."""
    from config import retention
    from vault.retention import Retention

    return Retention(RegisterLives(), retention.load(settings.retention_file))


def build_mirror(settings: Settings, actor: str) -> Mirror:
    """Housekeeping at the object store. Raises ``ConfigurationError``."""
    from gateway.bootstrap import build_store
    from vault.retention.mirroring import Mirror

    return Mirror(build_store(settings), timedelta(days=settings.vault.lock_days), actor)


def reckon(settings: Settings, now: datetime) -> None:
    """The daily pass over all records, piece by piece."""
    from vault.retention.sweeping import sweep

    for _ in islice(sweep(build_retention(settings), now, _ACTOR), _BATCHES):
        pass


def keep_locks_and_tags(settings: Settings, now: datetime) -> None:
    """Locks that are half gone, and tags whose date has moved."""
    mirror = build_mirror(settings, _ACTOR)
    log_failures(islice(mirror.extend_locks(now), _BATCHES))
    log_failures(islice(mirror.set_tags(), _BATCHES))


def log_failures(chunks: Iterable[Mirrored]) -> tuple[int, int]:
    """Do the chunks; how many were done, and how many failed: the first of them by name, all by number, in the log."""
    log, done, failed = structlog.get_logger("retention"), 0, 0
    for chunk in chunks:
        for record, why in chunk.failed[: max(_LINES - failed, 0)]:
            log.warning("not mirrored", record=record, reason=why)
        done += chunk.done
        failed += len(chunk.failed)
    if failed:
        log.warning("locks or tags are behind", failed=failed)
    return done, failed
