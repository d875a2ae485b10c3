"""Recipients' certificates. Whether one may be used is asked anew each time; here they are only kept."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from domain.decision import Method
from register.models.recorded import Recorded


class RecipientKey(Recorded):
    """A public certificate for an address (folded). One address may have several, also of both kinds."""

    address = models.CharField(max_length=320, db_index=True)
    method = models.CharField(max_length=16, choices=[(m.value, m.value) for m in Method if m.by_key])
    fingerprint = models.CharField(max_length=64)
    data = models.BinaryField()
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address", "fingerprint"], name="a_key_once_an_address"),
        ]

    def __str__(self) -> str:
        return self.fingerprint
