"""Which officer was reminded in which week, so that nobody is told twice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Digest(models.Model):
    """One reminder mail. ``recipient`` is a folded address, ``week`` an ISO 8601 week (``2026-W48``).

    Claimed before it is sent; ``sent_at`` once the next mail server has taken it.
    """

    recipient = models.CharField(max_length=320)
    week = models.CharField(max_length=8)
    claimed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipient", "week"], name="one_digest_a_recipient_and_week"),
        ]

    def __str__(self) -> str:
        return f"digest {self.week}"
