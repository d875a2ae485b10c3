"""What did not leave, a row a recipient."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS
from vault.models.records import VaultRecord


class HeldState(models.TextChoices):
    """What became of a held or refused mail."""

    HELD = "held"
    REFUSED = "refused"
    RELEASED = "released"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"  # its sender sent it again, and it was decided anew


class HeldMail(models.Model):
    """One recipient's copy that did not leave, with the decision that says why."""

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="held")
    recipient = models.CharField(max_length=ADDRESS)
    decision = models.JSONField()
    state = models.CharField(max_length=16, choices=HeldState.choices, default=HeldState.HELD, db_index=True)
    held_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "recipient"], name="held_once_a_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.state}"
