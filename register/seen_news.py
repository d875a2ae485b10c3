"""Which changed keys that came by mail somebody has still to be told of.

Told together, not more often than once in ``_APART``, and of one address once in ``_AGAIN``: whoever writes in somebody
else's name, with a key of their own each time, must not fill the office's mailbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from register.models import SeenKey

_APART, _AGAIN = timedelta(hours=1), timedelta(days=1)


def claim(now: datetime) -> Sequence[SeenKey]:
    """What is to be told, noted as told: another worker that asks in the same moment gets nothing."""
    with transaction.atomic():
        if SeenKey.objects.select_for_update().filter(told_at__gt=now - _APART).exists():
            return ()
        untold = Q(told_at=None) | Q(first_at__gt=F("told_at"), told_at__lte=now - _AGAIN)
        rows = list(SeenKey.objects.select_for_update().filter(untold, changed=True).order_by("address", "first_at"))
        SeenKey.objects.filter(address__in={row.address for row in rows}).update(told_at=now)
    return rows


def give_back(rows: Sequence[SeenKey]) -> None:
    """Nobody took the mail: they are due again at once."""
    SeenKey.objects.filter(address__in={row.address for row in rows}).update(told_at=None)
