"""The index of records: keyed tokens, never words (``docs/search.md``)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, ID_LENGTH
from vault.models.records import VaultRecord

KEY_ID = 8


class SearchEntry(models.Model):
    """One record's index row, written in its own transaction (``vault/search/document.py`` packs ``body``).

    ``number`` orders: the newest is the greatest. ``key`` says which index key made it; empty where nothing is indexed.
    ``unread`` lists what the row does not hold: ``[part, reason]``.
    """

    number = models.BigAutoField(primary_key=True)
    record = models.OneToOneField(VaultRecord, on_delete=models.PROTECT, related_name="search_entry")
    key = models.CharField(max_length=KEY_ID, blank=True, db_index=True)
    body = models.BinaryField()
    unread = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.number}: {self.record_id}"


class SearchWaiting(models.Model):
    """A record whose row is still to be folded into the database's own text index; a search does it first."""

    record = models.CharField(primary_key=True, max_length=ID_LENGTH)

    def __str__(self) -> str:
        return self.record


class SearchBlock(models.Model):
    """Which records of a full block have a token that is common there: a set of numbers, so that counts cost nothing.

    ``token`` is empty for the mark that the block is done.
    """

    block = models.PositiveIntegerField(db_index=True)
    token = models.CharField(max_length=12, blank=True)
    members = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "block"], name="a_token_once_a_block")]

    def __str__(self) -> str:
        return f"{self.block}: {self.token}"


class SavedSearch(models.Model):
    """A search that is run again by itself. ``query`` is sealed to the masters; ``terms`` are its keyed tokens.

    ``seen`` is the number of the last record that it has looked at, ``heard`` of the last event of the audit trail.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    owner = models.CharField(max_length=ADDRESS)
    key = models.CharField(max_length=KEY_ID)
    query = models.BinaryField()
    terms = models.JSONField()
    seen = models.BigIntegerField()
    heard = models.BigIntegerField(default=0, db_default=0)
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.id
