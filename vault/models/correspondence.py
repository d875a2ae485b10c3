"""Whom officers wrote to, and what they are to be told of it (``vault/correspondence.py``). Addresses are folded."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, ID_LENGTH, PERSON


class Correspondence(models.Model):
    """So many protected mails went from one officer to one address about one person, the last one then.

    ``person`` is a register reference, or empty where the mail was about nobody known.
    """

    sender = models.CharField(max_length=ADDRESS)
    recipient = models.CharField(max_length=ADDRESS)
    person = models.CharField(max_length=PERSON, blank=True)
    times = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "correspondence"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "recipient", "person"], name="written_to_about_them"),
        ]
        indexes: ClassVar = [models.Index(fields=["person"], name="correspondence_about")]

    def __str__(self) -> str:
        return f"correspondence {self.pk}"


class AddressWarning(models.Model):
    """A mail left, and its officer is to look at the address once more. ``why`` and ``fix`` are the policy's."""

    record = models.CharField(max_length=ID_LENGTH)
    sender = models.CharField(max_length=ADDRESS)
    recipient = models.CharField(max_length=ADDRESS)
    why = models.TextField()
    fix = models.TextField(blank=True)
    instead = models.CharField(max_length=ADDRESS, blank=True)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "recipient"], name="warned_once_a_copy"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sender", "at"], condition=models.Q(told_at=None), name="warnings_not_told"),
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.at:%Y-%m-%d}"
