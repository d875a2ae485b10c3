"""People's sealing keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import PERSON


class SealingKey(models.Model):
    """One person's age key pair: the public half plain, the secret half sealed to the vault's masters.

    Emptying ``sealed_secret`` (and setting ``destroyed_at``) is crypto-shredding; the row stays as proof.
    """

    person = models.CharField(max_length=PERSON)
    generation = models.PositiveIntegerField()
    public = models.CharField(max_length=100, unique=True)
    sealed_secret = models.BinaryField()
    sealed_to = models.CharField(max_length=16, blank=True)
    """Which masters open it (``vault.masters.Masters.tag``); empty where that was not written down."""
    escrow_key = models.CharField(max_length=512)
    escrow_version = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    """Nothing new is sealed to it from then on; the step before its destruction."""
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "generation"], name="one_key_a_generation"),
            models.CheckConstraint(
                condition=models.Q(destroyed_at=None) | models.Q(sealed_secret=b""),
                name="a_destroyed_key_has_no_secret",
                violation_error_message="a destroyed key has no secret any more",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}/{self.generation}"
