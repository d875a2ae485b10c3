"""Text messages that recipients need to open a mail. Neither number nor words are readable here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST


class TextMessage(models.Model):
    """One for each mail and recipient; ``data`` is sealed, and empty once it was sent."""

    digest = models.CharField(max_length=DIGEST)
    recipient = models.CharField(max_length=ADDRESS)
    data = models.BinaryField()
    written_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "recipient"], name="one_text_a_copy"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(sent_at=None), name="texts_to_send"),
        ]

    def __str__(self) -> str:
        return f"text {self.pk}"
