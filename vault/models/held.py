"""What did not leave, a row a recipient."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST
from vault.models.records import VaultRecord


class HeldState(models.TextChoices):
    """What became of a held or refused mail."""

    HELD = "held"
    REFUSED = "refused"
    RELEASED = "released"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"  # its sender sent it again, and it was decided anew
    RETURNED = "returned"  # to the officer, with a note


class HeldMail(models.Model):
    """One recipient's copy that did not leave, with the decision that says why."""

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="held")
    recipient = models.CharField(max_length=ADDRESS)
    decision = models.JSONField()
    state = models.CharField(max_length=16, choices=HeldState.choices, default=HeldState.HELD, db_index=True)
    held_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record", "recipient"], name="held_once_a_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.state}"


class HeldCopy(models.Model):
    """A held mail, sealed to the reviewers until it is settled (``vault/held/room.py``)."""

    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="held_copies")
    key = models.CharField(max_length=512)
    version = models.CharField(max_length=128)
    sealed_sha256 = models.CharField(max_length=DIGEST)
    kept_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "version"], name="a_held_copy_once")]

    def __str__(self) -> str:
        return self.key


class SettlementKind(models.TextChoices):
    """What a reviewer does with a held mail."""

    RELEASE = "release"
    RETURN = "return"
    REJECT = "reject"
    CONFIRM = "confirm"  # its own sender, of the address alone


class SettlementState(models.TextChoices):
    """Where it stands."""

    PROPOSED = "proposed"  # a second reviewer has to agree
    ORDERED = "ordered"  # the worker carries it out
    DONE = "done"
    STOPPED = "stopped"  # decided anew, the mail was held again, or a second reviewer did not agree


class Settlement(models.Model):
    """One reviewer's ruling on one held copy, and what came of it. ``ruling`` as ``vault/held/settling.py`` writes it.

    ``note`` goes to the officer, ``why`` to the audit trail. ``to`` is another address, where it is redirected.
    """

    held = models.ForeignKey(HeldMail, on_delete=models.PROTECT, related_name="settlements")
    kind = models.CharField(max_length=16, choices=SettlementKind.choices)
    state = models.CharField(max_length=16, choices=SettlementState.choices, db_index=True)
    ruling = models.JSONField(default=dict)
    to = models.CharField(max_length=ADDRESS, blank=True)
    why = models.CharField(max_length=500)
    note = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    second = models.CharField(max_length=150, blank=True)
    second_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=500, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["held"],
                condition=models.Q(state__in=[SettlementState.PROPOSED.value, SettlementState.ORDERED.value]),
                name="a_held_copy_is_settled_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(second=models.F("by")),
                name="a_second_reviewer_is_another",
                violation_error_message="the second reviewer must be somebody else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_id}: {self.kind} {self.state}"


class ReleaseRequest(models.Model):
    """The officer who sent a held mail asks for it to leave, and says why; once while it is held (``held_at``)."""

    held = models.ForeignKey(HeldMail, on_delete=models.PROTECT, related_name="requests")
    held_at = models.DateTimeField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    why = models.CharField(max_length=500)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["held", "held_at"], name="asked_for_once_while_held"),
            models.CheckConstraint(
                condition=~models.Q(why="") & ~models.Q(by=""),
                name="who_asks_for_release_says_why",
                violation_error_message="who asks for a release says why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.held_id}: {self.at:%Y-%m-%d}"
