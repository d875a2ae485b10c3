"""How far a comparison of bucket, rows and index is, so that one that was broken off goes on where it was."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, ID_LENGTH


class ReconcilePhase(models.TextChoices):
    """What is gone through, in this order."""

    ROWS = "rows"  # each row's object: there, as long, locked and tagged as the row says
    STORE = "store"  # each object: named by a row
    ESCROW = "escrow"  # people's sealing keys
    INDEX = "index"  # each record: found by searches
    DONE = "done"


class ReconcileRun(models.Model):
    """``cursor`` is the last id or key of the phase that was looked at. ``counts`` by kind of finding, and of what was
    looked at; ``findings`` are the first of them, as :class:`vault.reconcile.findings.Finding` has them.
    """  # noqa: D205 - one sentence that needs two lines

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    actor = models.CharField(max_length=ADDRESS)
    repair = models.BooleanField()
    whole_bytes = models.BooleanField()
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True, db_index=True)
    phase = models.CharField(max_length=8, choices=ReconcilePhase.choices, default=ReconcilePhase.ROWS)
    cursor = models.CharField(max_length=1024, blank=True)
    pages = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.id}: {self.phase}"
