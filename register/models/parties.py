"""Those whom mail goes to: officers, carers, professionals, family; their households, teams and organisations."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from domain.permission import PartyKind
from register.models.dated import Dated, Turn
from register.models.named import Named
from register.models.recorded import Recorded, overlaps

LANGUAGES = ("en", "cy")
"""BCP 47: English, Welsh."""
_KINDS = [(k.value, k.value) for k in PartyKind]
_BELONG = [PartyKind.PERSON.value, PartyKind.FAMILY.value, PartyKind.REPRESENTATIVE.value]


class Household(Recorded):
    """A carer's home. ``code`` is the council's own name for it."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.code


class Team(Recorded):
    """Officers who work together."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.code


class Organisation(Named):
    """A surgery, a trust, a firm, a regulator. ``domain`` is its mail domain, folded."""

    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=255, blank=True, db_index=True)
    regulator = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code


class Party(Named, Dated):
    """Somebody with a mailbox. ``email`` is folded; one mailbox may belong to several parties.

    ``starts`` and ``ends`` bound what they are (a representative's authority, an officer's post); a carer is
    approved while ``approved`` and within ``approved_from`` and ``approved_to``. All days are included. The mailbox
    and the household count from a day on; what held before is in ``earlier_mailboxes`` and ``earlier_households``.
    ``language`` is that in which they wish to be written to; empty for the service's own.
    """

    TURNS: ClassVar = (
        Turn(("email",), "email_from", "EarlierMailbox", "party"),
        Turn(("household_id",), "household_from", "EarlierHousehold", "party"),
    )

    kind = models.CharField(max_length=32, choices=_KINDS)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=320, db_index=True)
    email_from = models.DateField(null=True, blank=True)
    approved = models.BooleanField(default=True)
    approved_from = models.DateField(null=True, blank=True)
    approved_to = models.DateField(null=True, blank=True)
    role = models.CharField(max_length=100, blank=True)
    language = models.CharField(
        max_length=2, choices=[(code, code) for code in LANGUAGES], blank=True, default="", db_default=""
    )
    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="carers")
    household_from = models.DateField(null=True, blank=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="officers")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    person = models.ForeignKey(
        "register.Person", null=True, blank=True, on_delete=models.CASCADE, related_name="circle"
    )
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind=PartyKind.CARER.value) | Q(household__isnull=False),
                name="a_carer_has_a_household",
                violation_error_message="a carer has a household",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=_BELONG) | Q(person__isnull=False),
                name="family_belongs_to_a_person",
                violation_error_message="family and representatives belong to a person",
            ),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(starts__isnull=True) | Q(ends__gte=F("starts")),
                name="nobody_ends_before_they_start",
                violation_error_message="the last day cannot be before the first",
            ),
            models.CheckConstraint(
                condition=Q(approved_to__isnull=True)
                | Q(approved_from__isnull=True)
                | Q(approved_to__gte=F("approved_from")),
                name="approval_ends_after_it_starts",
                violation_error_message="an approval cannot end before it starts",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Support(Recorded):
    """A support carer: a carer who stands in at a household that is not their own, from and to (both days included)."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="supports")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="supported_by")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="support_ends_after_it_starts",
                violation_error_message="a support carer cannot end before they start",
            ),
            models.UniqueConstraint(fields=["party", "household", "starts"], name="a_support_once"),
        ]

    def __str__(self) -> str:
        return f"support {self.pk}"

    def clean(self) -> None:
        """Raises ``ValidationError`` for somebody who is no carer, for their own household, or twice at one time."""
        if self.party.kind != PartyKind.CARER.value:
            raise ValidationError("a support carer is a carer in the register")
        if self.party.household_id == self.household_id:
            raise ValidationError("a carer supports a household that is not their own")
        if overlaps(self, party_id=self.party_id, household_id=self.household_id):
            raise ValidationError("the carer stands in there at that time already; end or correct that")


class Training(Recorded):
    """A carer's data-protection training or yearly appraisal, and when it was."""

    DATA_PROTECTION, APPRAISAL = "data-protection", "appraisal"

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="trainings")
    kind = models.CharField(max_length=32, choices=[(k, k) for k in (DATA_PROTECTION, APPRAISAL)])
    done_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "kind", "done_on"], name="a_training_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"training {self.pk}"
