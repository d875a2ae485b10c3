"""What is filed: a record a mail, its people, its sealed files."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH, PERSON


class RecordState(models.TextChoices):
    """Where a record is in its life."""

    FILED = "filed"
    DISPOSING = "disposing"  # its destruction has begun (vault/disposal)
    DISPOSED = "disposed"  # the row is a stub


class VaultRecord(models.Model):
    """One mail as it was filed. ``plan`` is a digest of what was sealed to whom: the same mail, understood anew
    (somebody registered meanwhile), is filed anew.

    ``classes`` are record classes; ``decisions`` as :func:`vault.records.dump` writes them, without words.
    """  # noqa: D205 - one sentence that needs two lines

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    digest = models.CharField(max_length=DIGEST)
    sender = models.CharField(max_length=ADDRESS, blank=True)
    plan = models.CharField(max_length=DIGEST)
    received_at = models.DateTimeField()
    filed_at = models.DateTimeField()
    classes = models.JSONField(default=list)
    retain_until = models.DateTimeField(db_index=True)
    decisions = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=RecordState.choices, default=RecordState.FILED)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sender", "id"], name="a_senders_records_in_time")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["digest", "sender", "plan"],
                condition=models.Q(state=RecordState.FILED.value),
                name="a_mail_is_filed_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=RecordState.DISPOSED.value) | models.Q(digest="", sender="", plan=""),
                name="a_stub_holds_no_address",
                violation_error_message="what is left of a disposed record names no sender and no mail",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class VaultSubject(models.Model):
    """A record is about this person."""

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="subjects")
    person = models.CharField(max_length=PERSON, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "person"], name="a_person_once_a_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.person}"


class ObjectKind(models.TextChoices):
    """What a sealed file holds."""

    BUNDLE = "bundle"  # a tar archive of manifest.json and, for plain mail, mail.eml
    MAIL = "mail"  # the mail as it came
    PART = "part"  # one part, decoded


class VaultObject(models.Model):
    """One sealed file. Sizes in bytes, digests SHA-256 hexadecimal. ``part`` is a number path, never a file name.

    No digest of what is inside: who has the database could try what a form letter may say until one fits.
    """

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="objects_filed")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=ObjectKind.choices)
    part = models.CharField(max_length=100, blank=True)
    key = models.CharField(max_length=512, unique=True)
    version = models.CharField(max_length=128)
    people = models.JSONField(default=list)
    sealed_size = models.PositiveBigIntegerField()
    sealed_sha256 = models.CharField(max_length=DIGEST)
    plain_size = models.PositiveBigIntegerField()
    locked_until = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["record", "number", "key"]

    def __str__(self) -> str:
        return self.key
