"""What a crash left in the store goes once its lock has run out; what a person must look at is said in the log."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog

from config.settings import Settings


def run(settings: Settings, now: datetime) -> None:
    """Remove what was never said to be filed, as far as that is proven (``vault/reconcile/sweep.py``)."""
    from cli.vault.filed_log import build_filed_log
    from gateway.bootstrap import build_store
    from vault.reconcile.sweep import Broom, Fate

    broom = Broom(build_store(settings), "worker", delete=True, log=build_filed_log(settings, now))
    fates = Counter(swept.fate.name.lower() for swept in broom.sweep(now))
    if fates:
        log = structlog.get_logger("worker")
        say = log.warning if any(fates[f.name.lower()] for f in (Fate.LOST, Fate.WHOLE, Fate.REFUSED)) else log.info
        say("files without a record", **fates)
