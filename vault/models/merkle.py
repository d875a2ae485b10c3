"""The audit trail's Merkle tree: which event is which leaf, the hashes, and the checkpoints that were signed.

``vault/merkle`` writes them, by the worker and never by the relay. All but the checkpoints' signatures can be computed
again from the events in the order of their leaves.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import DIGEST


class AuditLeaf(models.Model):
    """An event's place in the tree: dense from 0, in the order in which events were found, and never changed."""

    index = models.BigIntegerField(primary_key=True)
    sequence = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.index}: {self.sequence}"


class AuditTile(models.Model):
    """Up to 256 hashes of 32 bytes side by side. Level 0 holds leaves, a higher one the roots of full tiles below."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="one_tile_a_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class AuditTree(models.Model):
    """The one row that says how large the tree is. Workers compare and set ``size``; so one of them goes at a time.

    Every event up to ``floor`` was looked at long enough ago that none can come in late below it;
    ``floor_next`` becomes the floor next, after ``floor_at``. ``swept_at`` is when all events were looked at.
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    size = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)
    floor_next = models.BigIntegerField(default=0)
    floor_at = models.DateTimeField()
    swept_at = models.DateTimeField()
    checkpoint_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.size} leaves"


class AuditCheckpoint(models.Model):
    """A checkpoint as it was signed (``note``, with the witnesses' signatures since), and where it is stored."""

    origin = models.CharField(max_length=255)
    size = models.BigIntegerField()
    root = models.CharField(max_length=DIGEST)
    at = models.DateTimeField()
    note = models.TextField()
    key = models.CharField(max_length=512)
    version = models.CharField(max_length=128)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["origin", "size"], name="one_checkpoint_a_size")]
        indexes: ClassVar = [models.Index(fields=["key"], name="vault_checkpoint_key")]

    def __str__(self) -> str:
        return f"{self.origin}: {self.size}"
