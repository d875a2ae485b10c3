"""How long records are kept: what was reckoned of each, what was said by hand, and how far housekeeping is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from vault.models.lengths import ADDRESS, ID_LENGTH, PERSON
from vault.models.records import VaultRecord

RULE = 40
"""Characters of a class or a variant of the schedule."""


class RetentionState(models.Model):
    """What was reckoned last of one record. Disposal never rests on it alone: it is reckoned afresh before.

    ``until`` is the first day on which disposal may be proposed, None while that is open; ``event`` and ``day`` are
    what the years of ``record_class`` (as ``variant``) count from, because of ``person``. ``tags_behind``: the tags
    of the record's objects still say something else.
    """

    record = models.OneToOneField(VaultRecord, primary_key=True, on_delete=models.CASCADE, related_name="retention")
    until = models.DateField(null=True)
    record_class = models.CharField(max_length=RULE)
    variant = models.CharField(max_length=RULE, blank=True)
    event = models.CharField(max_length=64)
    day = models.DateField(null=True)
    person = models.CharField(max_length=PERSON, blank=True)
    reckoned_at = models.DateTimeField()
    tags_behind = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["record"], condition=Q(tags_behind=True), name="retention_tags_behind"),
            models.Index(fields=["until", "record_class"], name="retention_falls_due"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.until or 'open'}"


class RetentionMark(models.Model):
    """What somebody said of one class of a record; the newest of a record and class stands, the others are history.

    ``counts`` is False where a class that was given by hand was taken back.
    """

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="retention_marks")
    record_class = models.CharField(max_length=RULE)
    counts = models.BooleanField(default=True)
    variant = models.CharField(max_length=RULE, blank=True)
    closed_on = models.DateField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=ADDRESS)
    why = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["record", "id"], name="retention_marks_of_a_record")]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.record_class}"


class RetentionPass(models.Model):
    """How far housekeeping's present pass over all records is: a single row. ``after`` is the last record seen."""

    only = models.BooleanField(primary_key=True, default=True)
    after = models.CharField(max_length=ID_LENGTH, blank=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "retention passes"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(only=True), name="one_retention_pass")]

    def __str__(self) -> str:
        return self.after or "at the beginning"
