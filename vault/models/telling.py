"""Notices that officers were sent, and what waits for their next one. Addresses are folded; no word of any mail."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST


class SenderNotice(models.Model):
    """One stopped mail of one sender. ``waiting`` lists what is still to be told of it: recipient, what, why, fix."""

    digest = models.CharField(max_length=DIGEST)
    sender = models.CharField(max_length=ADDRESS)
    at = models.DateTimeField()
    waiting = models.JSONField(default=list)
    told_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "sender"], name="one_notice_a_mail"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sender", "at"], name="notices_of_a_sender"),
            models.Index(fields=["sender"], condition=models.Q(told_at=None), name="notices_that_wait"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}: {self.at:%Y-%m-%d}"
