"""What the clock proposes for disposal. It only proposes: two people approve, and somebody carries it out."""

from __future__ import annotations

import socket
from datetime import datetime

from config.settings import Settings


def propose(settings: Settings, now: datetime) -> None:
    """At most one proposal in ``disposal.propose_days``; none where that is 0."""
    from cli.disposal.proposing import build_viewer
    from vault.disposal.proposing import propose as make
    from vault.models import DisposalBatch

    every = settings.disposal.every
    if (
        not every
        or DisposalBatch.objects.filter(proposed_by__startswith="worker:", proposed_at__gt=now - every).exists()
    ):
        return
    make(build_viewer(settings), f"worker:{socket.gethostname()[:60]}", now, settings.disposal.most_records)
