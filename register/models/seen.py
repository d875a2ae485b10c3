"""Keys that came by mail and that nobody has accepted: kept to be looked at, and used for nothing."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from domain.decision import Method
from domain.seen_keys import KeySource


class SeenKey(models.Model):
    """A public certificate that a mail from this address (folded) brought. ``changed``: another was known then.

    ``told_at`` is when somebody was last told by mail of a changed key of this address; it outlives the key told of.
    No history is kept, as nothing was ever decided by it; what is accepted becomes a ``RecipientKey``.
    """

    address = models.CharField(max_length=320, db_index=True)
    method = models.CharField(max_length=16, choices=[(m.value, m.value) for m in Method if m.by_key])
    fingerprint = models.CharField(max_length=64)
    data = models.BinaryField()
    source = models.CharField(max_length=16, choices=[(s.value, s.value) for s in KeySource])
    changed = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address", "fingerprint"], name="a_seen_key_once_an_address"),
        ]

    def __str__(self) -> str:
        return self.fingerprint
