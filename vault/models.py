"""The vault's tables. No words of a document, no names of people or files are in them; those are inside the seals.

People are register references (opaque). Senders' and recipients' addresses are there,
because the journal and the reviewers' list are about them.
"""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models

ID_LENGTH = 26
_DIGEST = 64
_ADDRESS = 320
_PERSON = 64


class SealingKey(models.Model):
    """One person's age key pair: the public half plain, the secret half sealed to the vault's masters.

    Emptying ``sealed_secret`` (and setting ``destroyed_at``) is crypto-shredding; the row stays as proof.
    """

    person = models.CharField(max_length=_PERSON)
    generation = models.PositiveIntegerField()
    public = models.CharField(max_length=100, unique=True)
    sealed_secret = models.BinaryField()
    escrow_key = models.CharField(max_length=512)
    escrow_version = models.CharField(max_length=128)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "generation"], name="one_key_a_generation"),
        ]

    def __str__(self) -> str:
        return f"{self.person}/{self.generation}"


class RecordState(models.TextChoices):
    """Where a record is in its life."""

    FILED = "filed"
    DISPOSED = "disposed"


class VaultRecord(models.Model):
    """One mail as it was filed. ``plan`` is a digest of what was sealed to whom: the same mail, understood anew
    (somebody registered meanwhile), is filed anew.

    ``classes`` are record classes; ``decisions`` as :func:`vault.records.dump` writes them, without words.
    """  # noqa: D205 - one sentence that needs two lines

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    digest = models.CharField(max_length=_DIGEST)
    sender = models.CharField(max_length=_ADDRESS, blank=True)
    plan = models.CharField(max_length=_DIGEST)
    received_at = models.DateTimeField()
    filed_at = models.DateTimeField()
    classes = models.JSONField(default=list)
    retain_until = models.DateTimeField(db_index=True)
    decisions = models.JSONField(default=list)
    state = models.CharField(max_length=16, choices=RecordState.choices, default=RecordState.FILED)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "sender", "plan"], name="a_mail_is_filed_once"),
        ]

    def __str__(self) -> str:
        return self.id


class VaultSubject(models.Model):
    """A record is about this person."""

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="subjects")
    person = models.CharField(max_length=_PERSON, db_index=True)

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
    sealed_sha256 = models.CharField(max_length=_DIGEST)
    plain_size = models.PositiveBigIntegerField()
    locked_until = models.DateTimeField(db_index=True)

    class Meta:
        ordering: ClassVar = ["record", "number", "key"]

    def __str__(self) -> str:
        return self.key


class HeldState(models.TextChoices):
    """What became of a held or refused mail."""

    HELD = "held"
    REFUSED = "refused"
    RELEASED = "released"
    DISCARDED = "discarded"


class HeldMail(models.Model):
    """One recipient's copy that did not leave, with the decision that says why."""

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="held")
    recipient = models.CharField(max_length=_ADDRESS)
    decision = models.JSONField()
    state = models.CharField(max_length=16, choices=HeldState.choices, default=HeldState.HELD, db_index=True)
    held_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "recipient"], name="held_once_a_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.state}"


class JournalState(models.TextChoices):
    """How far a recipient's copy is. ``owner`` and ``lease_until`` say who is at it, whatever the state."""

    CLAIMED = "claimed"
    INTENDED = "intended"
    HELD_UNTOLD = "held-untold"
    DONE = "done"


class JournalEntry(models.Model):
    """What is done for one (content digest, sender, recipient). Addresses are folded."""

    digest = models.CharField(max_length=_DIGEST)
    sender = models.CharField(max_length=_ADDRESS, blank=True)
    recipient = models.CharField(max_length=_ADDRESS)
    state = models.CharField(max_length=16, choices=JournalState.choices)
    owner = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fate = models.CharField(max_length=16, blank=True)
    detail = models.TextField(blank=True)
    record = models.CharField(max_length=ID_LENGTH, blank=True)
    changed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "sender", "recipient"], name="one_entry_a_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.digest[:8]}: {self.state}"


class DecidedFacts(models.Model):
    """What a mail's decisions were made of (``vault/facts.py``), so that another policy can be tried on it.

    A text and not JSON to the database: PostgreSQL's would refuse some of what may stand in it.
    """

    record = models.CharField(max_length=ID_LENGTH, db_index=True)
    at = models.DateTimeField(db_index=True)
    facts = models.TextField()

    class Meta:
        verbose_name_plural = "decided facts"

    def __str__(self) -> str:
        return self.record


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
    actor = models.CharField(max_length=_ADDRESS)
    action = models.CharField(max_length=64, db_index=True)
    record = models.CharField(max_length=ID_LENGTH, blank=True, db_index=True)
    why = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    leaf = models.CharField(max_length=_DIGEST)

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
