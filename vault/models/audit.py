"""Events that are added and never changed."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH


class AppendOnlyError(TypeError):
    """A programming error: somebody tried to change an audit event."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """Adds and reads; refuses the rest (and the database refuses it, too: ``vault/triggers.py``)."""

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        """Refused."""
        raise AppendOnlyError("audit events are append-only")

    def delete(self) -> NoReturn:
        """Refused."""
        raise AppendOnlyError("audit events are append-only")


class AuditEvent(models.Model):
    """Who did what to which record, and why. ``sequence`` orders; ``leaf`` is the RFC 9162 leaf hash of the rest."""

    sequence = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=ADDRESS)
    action = models.CharField(max_length=64, db_index=True)
    record = models.CharField(max_length=ID_LENGTH, blank=True, db_index=True)
    why = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    leaf = models.CharField(max_length=DIGEST)

    objects = AuditQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.sequence}: {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """New events only."""
        if not self._state.adding:
            raise AppendOnlyError("audit events are append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002 - Django's signature
        """Refused."""
        raise AppendOnlyError("audit events are append-only")
