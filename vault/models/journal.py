"""What is done for whom, so that a retry is harmless; and what the decisions were made of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH


class JournalState(models.TextChoices):
    """How far a recipient's copy is. ``owner`` and ``lease_until`` say who is at it, whatever the state."""

    CLAIMED = "claimed"
    INTENDED = "intended"
    HELD_UNTOLD = "held-untold"
    DONE = "done"


class JournalEntry(models.Model):
    """What is done for one (content digest, sender, recipient). Addresses are folded."""

    digest = models.CharField(max_length=DIGEST)
    sender = models.CharField(max_length=ADDRESS, blank=True)
    recipient = models.CharField(max_length=ADDRESS)
    state = models.CharField(max_length=16, choices=JournalState.choices)
    owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fate = models.CharField(max_length=16, blank=True)
    detail = models.TextField(blank=True)
    record = models.CharField(max_length=ID_LENGTH, blank=True)
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "sender", "recipient"], name="one_entry_a_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.digest[:8]}: {self.state}"


class DecidedFacts(models.Model):
    """What a mail's decisions were made of (``vault/facts.py``), so that another policy can be tried on it.

    A text and not JSON to the database: PostgreSQL's would refuse some of what may stand in it.
    """

    record = models.CharField(max_length=ID_LENGTH, db_index=True)
    at = models.DateTimeField(db_index=True)
    facts = models.TextField()

    class Meta:
        verbose_name_plural = "decided facts"

    def __str__(self) -> str:
        return self.record
