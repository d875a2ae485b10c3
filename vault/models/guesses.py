"""Failures to log in to the relay, by where they came from: forgotten as soon as they count no more."""

from __future__ import annotations

from django.db import models


class LoginFailure(models.Model):
    """So many in a row from one address, or one /64 of IPv6."""

    origin = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} failures"
