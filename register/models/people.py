"""Service users: who they are, what they are called, where they live, whether they can decide about sharing."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from domain.permission import Capacity, PartyKind
from register.models.dated import Dated, Turn
from register.models.recorded import Recorded, overlaps
from register.papers import filed


def new_ref() -> str:
    """An opaque reference (80 random bits): safe in tags, journals and logs, because it says nothing about anybody."""
    return "p-" + secrets.token_hex(10)


class Person(Dated):
    """A service user. ``ref`` is what the rest of the system calls them; ``officer`` is whom reminders go to.

    Who was their officer before ``officer_from`` is in ``earlier_officers``.
    """

    TURNS: ClassVar = (Turn(("officer_id",), "officer_from", "EarlierOfficer", "person"),)

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    council_id = models.CharField(max_length=32, unique=True)
    nhs_number = models.CharField(max_length=10, unique=True, null=True, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    died_on = models.DateField(null=True, blank=True)
    officer = models.ForeignKey(
        "register.Party", null=True, blank=True, on_delete=models.PROTECT, related_name="looks_after"
    )
    officer_from = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(date_of_birth__isnull=True) | Q(died_on__gte=F("date_of_birth")),
                name="nobody_dies_before_birth",
                violation_error_message="nobody dies before they are born",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    def clean(self) -> None:
        """Raises ``ValidationError`` for an officer who is none."""
        if self.officer is not None and self.officer.kind != PartyKind.OFFICER.value:
            raise ValidationError("the officer of a person is an officer in the register")


class PersonName(Recorded):
    """One name a person is or was known by, from and to. ``main`` marks the one that is shown.

    A former name still says whom a document is about.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    main = models.BooleanField(default=False)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="a_name_once_a_person"),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(main=True),
                name="one_main_name_a_person",
                violation_error_message="a person has one main name; the others are aliases or former names",
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__isnull=True) | Q(ends__gte=F("starts")),
                name="a_name_ends_after_it_starts",
                violation_error_message="a name cannot end before it starts",
            ),
        ]

    def __str__(self) -> str:
        return f"name {self.pk}"


_ONE_A_DAY = "there is one assessment of capacity a day already"


class CapacityAssessment(Recorded):
    """Whether the person can decide about sharing information, from that day until the next assessment.

    Without any, capacity is presumed (Mental Capacity Act 2005 s.1).
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="assessments")
    capacity = models.CharField(max_length=32, choices=[(c.value, c.value) for c in Capacity])
    starts = models.DateField(null=True, blank=True)
    assessor = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "starts"],
                name="one_assessment_a_day",
                violation_error_message=_ONE_A_DAY,
            ),
            models.UniqueConstraint(  # SQLite cannot say that two empty days are the same day
                fields=["person"],
                condition=Q(starts__isnull=True),
                name="one_assessment_without_a_day",
                violation_error_message=_ONE_A_DAY,
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class Placement(Recorded):
    """A person lives with a household, from and to (both days included).

    ``agreement`` is the vault record of the signed placement agreement, ``agreed_on`` the day of its signature; the
    newest counts, and earlier ones are in the history.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="placements")
    household = models.ForeignKey("register.Household", on_delete=models.PROTECT, related_name="placements")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)
    agreement = models.CharField(max_length=64, blank=True, default="", db_default="")
    agreed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="a_placement_ends_after_it_starts",
                violation_error_message="a placement cannot end before it starts",
            ),
            models.UniqueConstraint(fields=["person", "household", "starts"], name="a_placement_once"),
            models.CheckConstraint(
                condition=Q(agreement="", agreed_on__isnull=True) | ~Q(agreement="") & Q(agreed_on__isnull=False),
                name="a_signed_agreement_has_its_day",
                violation_error_message="a signed agreement has the day of its signature",
            ),
        ]

    def __str__(self) -> str:
        return f"placement {self.pk}"

    def clean(self) -> None:
        """Raises ``ValidationError`` for a second placement with the same household at the same time.

        Also for an agreement that is no record about this person.
        """
        if self.agreement and self.agreement != self.stored("agreement") and not filed(self.agreement, self.person.ref):
            raise ValidationError({"agreement": "the agreement is no record of the vault about this person"})
        if overlaps(self, person_id=self.person_id, household_id=self.household_id):
            raise ValidationError("the person is placed there at that time already; end or correct that placement")
