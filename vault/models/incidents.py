"""Suspected breaches: the register that UK GDPR Art. 33(5) asks for. Which records belong to one: ``IncidentRecord``.

What people write here (what happened, consequences, measures) is kept as typed, and should name nobody.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from domain.incident import Account, Nature, Risk
from domain.incident import Incident as Judged
from vault.models.lengths import ADDRESS

SHORT = 200


class Incident(models.Model):
    """One breach, or what may be one, in the words of Art. 33(3); ``kind`` and ``risk`` are ``domain.incident``'s."""

    reference = models.CharField(primary_key=True, max_length=SHORT)
    kind = models.CharField(max_length=24, choices=[(n.value, n.value) for n in Nature])
    aware_at = models.DateTimeField(db_index=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=ADDRESS)

    risk = models.CharField(max_length=12, choices=[(r.value, r.value) for r in Risk], default=Risk.OPEN.value)
    nature = models.TextField(blank=True)
    people_kinds = models.TextField(blank=True)
    people_number = models.PositiveIntegerField(null=True, blank=True)
    record_kinds = models.TextField(blank=True)
    record_number = models.PositiveIntegerField(null=True, blank=True)
    contact = models.TextField(blank=True)
    consequences = models.TextField(blank=True)
    measures = models.TextField(blank=True)

    reported_at = models.DateTimeField(null=True, blank=True)
    reported_as = models.CharField(max_length=SHORT, blank=True)  # the Commissioner's number
    late_because = models.TextField(blank=True)
    not_reported_because = models.TextField(blank=True)
    people_told_at = models.DateTimeField(null=True, blank=True)
    people_not_told_because = models.TextField(blank=True)

    closed_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closed_by = models.CharField(max_length=ADDRESS, blank=True)

    class Meta:
        ordering: ClassVar = ["-aware_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(opened_by=""),
                name="an_incident_was_opened_by_somebody",
                violation_error_message="an incident has a reference, and somebody who opened it",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__gte=F("aware_at")),
                name="an_incident_is_not_of_the_future",
                violation_error_message="nobody is aware of an incident before it is known",
            ),
            models.CheckConstraint(
                condition=Q(reported_at=None, reported_as="", late_because="")
                | Q(reported_at__gte=F("aware_at"), not_reported_because=""),
                name="an_incident_is_reported_or_it_is_not",
                violation_error_message="an incident is reported after it is known, or there is a reason why not",
            ),
            models.CheckConstraint(
                condition=Q(people_told_at=None) | Q(people_told_at__gte=F("aware_at"), people_not_told_because=""),
                name="people_are_told_or_they_are_not",
                violation_error_message="people are told after it is known, or there is a reason why not",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="an_incident_is_closed_by_somebody",
                violation_error_message="somebody closes an incident",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def judged(self) -> Judged:
        """What the rules look at."""
        return Judged(
            aware_at=self.aware_at,
            risk=Risk(self.risk),
            account=self.account,
            reported_at=self.reported_at,
            late_because=self.late_because,
            not_reported_because=self.not_reported_because,
            people_told_at=self.people_told_at,
            people_not_told_because=self.people_not_told_because,
        )

    @property
    def account(self) -> Account:
        """What is written about it."""
        return Account(
            nature=self.nature,
            people_kinds=self.people_kinds,
            people_number=self.people_number,
            record_kinds=self.record_kinds,
            record_number=self.record_number,
            contact=self.contact,
            consequences=self.consequences,
            measures=self.measures,
        )
