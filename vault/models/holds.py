"""Legal holds: what must not be destroyed whatever its retention says, and where the store was told so."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vault.models.lengths import ADDRESS, ID_LENGTH
from vault.models.records import VaultObject, VaultRecord

REFERENCE = 200


class TargetKind(models.TextChoices):
    """What a hold is put on."""

    RECORD = "record"
    PERSON = "person"
    INCIDENT = "incident"
    SEARCH = "search"


class LegalHold(models.Model):
    """Why, by whom, for what case, and when somebody looks at it again. Lifting takes one who asks and one who does."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    reason = models.TextField()
    reference = models.CharField(max_length=REFERENCE)
    review_on = models.DateField(db_index=True)
    set_by = models.CharField(max_length=ADDRESS)
    set_at = models.DateTimeField()
    lift_asked_by = models.CharField(max_length=ADDRESS, blank=True)
    lift_asked_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.TextField(blank=True)
    lifted_by = models.CharField(max_length=ADDRESS, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(reference="") & ~Q(set_by=""),
                name="a_hold_says_why_and_by_whom",
                violation_error_message="a hold has a reason, a reference and somebody who set it",
            ),
            models.CheckConstraint(
                condition=Q(lift_asked_by="", lift_asked_at=None, lift_reason="")
                | (~Q(lift_asked_by="") & Q(lift_asked_at__isnull=False) & ~Q(lift_reason="")),
                name="lifting_is_asked_for_with_a_reason",
                violation_error_message="who asks for a hold to be lifted says why",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by="")
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by__in=["", F("lift_asked_by")]) & ~Q(lift_asked_by="")),
                name="a_hold_is_lifted_by_a_second_person",
                violation_error_message="a hold is lifted by another person than the one who asked for it",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class HoldTarget(models.Model):
    """One of the things that a hold is put on: a record's id, a person's reference, an incident's, or a search."""

    hold = models.ForeignKey(LegalHold, on_delete=models.PROTECT, related_name="targets")
    kind = models.CharField(max_length=16, choices=TargetKind.choices)
    value = models.CharField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hold", "kind", "value"],
                name="a_target_once_a_hold",
                violation_error_message="the hold is on this already",
            ),
            models.CheckConstraint(
                condition=~Q(value=""),
                name="a_target_names_something",
                violation_error_message="a hold is on something",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "value"], name="hold_target_by_value")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class HoldMatch(models.Model):
    """A record that a hold's search found at some time. It stays covered when the search finds it no more."""

    hold = models.ForeignKey(LegalHold, on_delete=models.PROTECT, related_name="matches")
    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="hold_matches")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["hold", "record"],
                name="a_match_once_a_hold",
                violation_error_message="the hold covers this record already",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_id}: {self.record_id}"


class IncidentRecord(models.Model):
    """A record that belongs to an incident, by the incident's reference."""

    incident = models.CharField(max_length=REFERENCE, db_index=True)
    record = models.ForeignKey(VaultRecord, on_delete=models.PROTECT, related_name="incidents")
    added_by = models.CharField(max_length=ADDRESS)
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident", "record"],
                name="a_record_once_an_incident",
                violation_error_message="the record belongs to this incident already",
            ),
            models.CheckConstraint(
                condition=~Q(incident="") & ~Q(added_by=""),
                name="an_incident_has_a_reference",
                violation_error_message="an incident has a reference, and somebody who added the record to it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident}: {self.record_id}"


class MirroredHold(models.Model):
    """This stored file has the store's own legal hold on it, as it was read back; until then it may have.

    Written before the store is told, so that what a crash leaves there is known, and taken off in its time.
    """

    object = models.OneToOneField(VaultObject, on_delete=models.CASCADE, related_name="mirrored_hold")
    read_back_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.object)
