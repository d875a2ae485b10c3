"""Text messages that the provider does not take: so that the officer whose mail it is about is told of each once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST


class UntakenText(models.Model):
    """``about`` is the mail's digest, or the pick-up's id. No number and no word of a text is here."""

    PASSWORD, CODE = "password", "code"

    kind = models.CharField(max_length=16, choices=[(PASSWORD, PASSWORD), (CODE, CODE)])
    about = models.CharField(max_length=DIGEST)
    sender = models.CharField(max_length=ADDRESS)
    recipient = models.CharField(max_length=ADDRESS)
    at = models.DateTimeField(db_index=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "about", "recipient"], name="one_untaken_text_a_copy"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
