"""What the API itself keeps: tokens, answers that may be asked for again, and who wants to be told of changes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class ApiToken(models.Model):
    """Lets one program in. ``digest`` is the SHA-256 of a token of 256 random bits, shown once and not kept."""

    name = models.CharField(max_length=60, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes: models.JSONField[list[str]] = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="a_token_lives_for_a_while"),
        ]

    def __str__(self) -> str:
        return self.name

    def stands(self, now: datetime) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and now < self.expires_at


class KeptAnswer(models.Model):
    """What was answered to a POST with an ``Idempotency-Key``, so that a retry gets the same and changes nothing."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers: models.JSONField[dict[str, str]] = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key_and_token"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Webhook(models.Model):
    """Who is told of changes. ``cursor`` is the number of the last change that was taken; the rest is about retrying.

    ``secret`` is sealed (``hooks/kept.py``). ``leased_until`` keeps two workers from telling the same twice; ``kinds``
    empty means every kind.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.TextField()
    kinds: models.JSONField[list[str]] = models.JSONField(default=list, blank=True)
    cursor = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    last_said = models.CharField(max_length=60, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"webhook {self.pk}"
