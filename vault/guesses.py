"""Failures to log in, counted for all relay processes and nodes together. Raises ``VaultUnavailable``."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, F, Value, When

from domain.errors import VaultUnavailable
from vault.models import LoginFailure
from vault.rows import reading, writing

_LONGEST = 64
_REMEMBERED = timedelta(days=1)


class RowTally:
    """Implements ``gateway.smtp.guesses.Tally``: a row for each address that failed of late."""

    def failures(self, origin: str, since: datetime) -> int:
        """See the port. One row by its key."""
        with reading(VaultUnavailable):
            rows = LoginFailure.objects.filter(origin=origin[:_LONGEST], last_at__gt=since)
            return rows.values_list("count", flat=True).first() or 0

    def failed(self, origin: str, now: datetime, since: datetime) -> None:
        """See the port. Two at once are two."""
        going_on = When(last_at__gt=since, then=F("count") + 1)
        with writing(VaultUnavailable, lasting=False):
            row, new = LoginFailure.objects.get_or_create(
                origin=origin[:_LONGEST], defaults={"count": 1, "last_at": now}
            )
            if not new:
                LoginFailure.objects.filter(pk=row.pk).update(count=Case(going_on, default=Value(1)), last_at=now)


def forget(now: datetime) -> None:
    """What has long ceased to count."""
    with writing(VaultUnavailable, lasting=False):
        LoginFailure.objects.filter(last_at__lt=now - _REMEMBERED).delete()
