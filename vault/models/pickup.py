"""Mail that waits to be picked up: who may open it, by which codes, and how often somebody tried.

The pick-up process has a database role of its own (``cli/pickup/role.py``): it reads grants and cannot change them, and
has the three tables after them to itself.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from domain.pickup import Doing, Ending
from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH

_PEER = 64


class PickupGrant(models.Model):
    """One mail that waits for one recipient, sealed. ``about`` is a list of [person's reference, category].

    The link's secret is not here, only its SHA-256. What ended is in ``ended``; that its time is over is not written.
    """

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    record = models.CharField(max_length=ID_LENGTH, db_index=True)
    digest = models.CharField(max_length=DIGEST)
    sender = models.CharField(max_length=ADDRESS)
    recipient = models.CharField(max_length=ADDRESS, db_index=True)
    link_sha256 = models.CharField(max_length=DIGEST, unique=True)
    about = models.JSONField(default=list)
    concern = models.CharField(max_length=32, blank=True)
    documents = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=512)
    version = models.CharField(max_length=128)
    sealed_sha256 = models.CharField(max_length=DIGEST)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    ended = models.CharField(max_length=64, choices=[(e.value, e.value) for e in Ending], blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["digest", "sender", "recipient"],
                condition=models.Q(ended=""),
                name="one_open_pickup_a_mail_and_recipient",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class PickupTaken(models.Model):
    """Whether a recipient opened a mail that waited for them, by whichever link. ``number`` is its in the search.

    Written by the database itself, from the audit trail (``vault/search/taken.py``).
    """

    number = models.BigIntegerField()
    recipient = models.CharField(max_length=ADDRESS)
    opened = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number", "recipient"], name="once_a_mail_and_recipient")
        ]
        indexes: ClassVar = [models.Index(fields=["opened", "number"], name="pickuptaken_by_opened")]

    def __str__(self) -> str:
        return f"{self.number}: {'opened' if self.opened else 'not opened'}"


class PickupContact(models.Model):
    """How somebody at an address proves that it is them: a telephone that gets texts, or a passphrase agreed before.

    ``mobile`` is in E.164; ``passphrase`` as Django keeps passwords.
    """

    address = models.CharField(max_length=ADDRESS, unique=True)
    mobile = models.CharField(max_length=16, blank=True)
    passphrase = models.CharField(max_length=256, blank=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"contact {self.pk}"


class PickupCode(models.Model):
    """One code for one grant, keyed and hashed. The newest counts; ``way`` is how it was given."""

    grant = models.CharField(max_length=ID_LENGTH, db_index=True)
    hashed = models.CharField(max_length=DIGEST)
    way = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"code {self.pk}"


class PickupVisit(models.Model):
    """Somebody who gave the code, for an hour. Of the cookie's secret only the SHA-256 is here."""

    grant = models.CharField(max_length=ID_LENGTH, db_index=True)
    secret_sha256 = models.CharField(max_length=DIGEST, unique=True)
    way = models.CharField(max_length=16)
    began_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"visit {self.pk}"


class PickupAttempt(models.Model):
    """A code that was sent or tried, for as long as it counts towards a limit."""

    doing = models.CharField(max_length=64, choices=[(d.value, d.value) for d in Doing])
    at = models.DateTimeField(db_index=True)
    grant = models.CharField(max_length=ID_LENGTH, db_index=True)
    recipient = models.CharField(max_length=ADDRESS, db_index=True)
    peer = models.CharField(max_length=_PEER, db_index=True)

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class PickupDevice(models.Model):
    """A device that somebody let be remembered: its public key, for a time. ``count`` is the device's own counter."""

    recipient = models.CharField(max_length=ADDRESS, db_index=True)
    credential = models.CharField(max_length=2048, unique=True)
    data = models.TextField()
    count = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"device {self.pk}"


class PickupChallenge(models.Model):
    """What a device has to sign, once."""

    grant = models.CharField(max_length=ID_LENGTH, db_index=True)
    purpose = models.CharField(max_length=16)
    challenge = models.CharField(max_length=DIGEST)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"challenge {self.pk}"
