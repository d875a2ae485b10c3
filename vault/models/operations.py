"""What the worker did last, job by job, and how it found the parts outside: for whoever looks after the service."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class WorkerJob(models.Model):
    """One job's last time. ``says`` is the kind of error, without its words; empty where it went well."""

    name = models.CharField(primary_key=True, max_length=64)
    every_seconds = models.PositiveIntegerField()
    at = models.DateTimeField()
    good = models.BooleanField()
    says = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class SeenPart(models.Model):
    """One line of ``sallyport check``, as the worker found it; ``number`` is its place."""

    number = models.PositiveIntegerField(primary_key=True)
    what = models.CharField(max_length=300)
    good = models.BooleanField()
    says = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return self.what
