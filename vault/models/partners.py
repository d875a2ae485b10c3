"""What TLS to partners' mail servers came to, counted by day: for the page of operations and for TLS-RPT."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class TlsCount(models.Model):
    """How often. ``result`` empty: secured; else TLS-RPT's word (RFC 8460 section 4.3). ``strict``: it had to be."""

    day = models.DateField()
    domain = models.CharField(max_length=255)
    host = models.CharField(max_length=255, blank=True)
    policy = models.CharField(max_length=24)
    lines = models.JSONField(default=list)
    result = models.CharField(max_length=48, blank=True)
    strict = models.BooleanField()
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "domain", "host", "policy", "result", "strict"], name="one_count_of_a_kind_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain} {self.day}"


class TlsReport(models.Model):
    """That a day was reported to a domain, or needed no report: once."""

    day = models.DateField()
    domain = models.CharField(max_length=255)
    at = models.DateTimeField()
    sent = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "domain"], name="one_report_a_domain_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.domain} {self.day}"


class TlsAlarm(models.Model):
    """When somebody was told last of a partner with whom TLS failed, and whether it was that it is well again."""

    domain = models.CharField(max_length=255, primary_key=True)
    told_at = models.DateTimeField()
    well = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.domain}: told {self.told_at:%Y-%m-%d}"
