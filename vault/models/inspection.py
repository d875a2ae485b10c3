"""Inspectors' access to named people's records, from when to when, by what authority. Rows are ended, never deleted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vault.models.lengths import ADDRESS, PERSON


class InspectorAccess(models.Model):
    """``inspector`` is an account as the audit trail names it; ``until`` the moment from which on nothing is shown."""

    inspector = models.CharField(max_length=ADDRESS, db_index=True)
    authority = models.CharField(max_length=500)
    purpose = models.CharField(max_length=500)
    since = models.DateTimeField()
    until = models.DateTimeField()
    granted_by = models.CharField(max_length=ADDRESS)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=ADDRESS, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(authority="") & ~Q(purpose="") & ~Q(granted_by=""),
                name="an_inspection_has_authority_and_purpose",
                violation_error_message="an inspector's access has an authority, a purpose and somebody who granted it",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("since")) & ~Q(inspector=F("granted_by")),
                name="nobody_grants_themselves_an_inspection",
                violation_error_message="an inspector's access ends after it begins, and is granted by somebody else",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="an_end_of_inspection_is_somebodys",
                violation_error_message="who ends an inspector's access is named",
            ),
        ]

    def __str__(self) -> str:
        return f"inspection {self.pk}"


class InspectedPerson(models.Model):
    """Somebody whose records an access opens: a register reference."""

    access = models.ForeignKey(InspectorAccess, on_delete=models.PROTECT, related_name="people")
    person = models.CharField(max_length=PERSON)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["access", "person"], name="a_person_once_an_inspection"),
        ]

    def __str__(self) -> str:
        return f"{self.access_id}: {self.person}"
