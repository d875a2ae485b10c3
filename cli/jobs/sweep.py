"""What a crash left in the store goes once its lock has run out; what a person must look at is said in the log."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog

from config.settings import Settings


def run(settings: Settings, now: datetime) -> None:
    """Remove what no mail was ever said to be filed in; never a whole mail (``vault/reconcile/sweep.py``)."""
    from gateway.bootstrap import build_store
    from vault.reconcile.sweep import Broom, Fate

    broom = Broom(build_store(settings), "worker", delete=True)
    fates = Counter(swept.fate.name.lower() for swept in broom.sweep(now))
    if fates:
        log = structlog.get_logger("worker")
        say = log.warning if fates[Fate.WHOLE.name.lower()] or fates[Fate.REFUSED.name.lower()] else log.info
        say("files without a record", **fates)
