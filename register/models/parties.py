"""Those whom mail goes to: officers, carers, professionals, family; their households and organisations."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from domain.permission import PartyKind

_KINDS = [(k.value, k.value) for k in PartyKind]


class Household(models.Model):
    """A carer's home. ``code`` is the council's own name for it."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.code


class Organisation(models.Model):
    """A surgery, a trust, a firm, a regulator. ``domain`` is its mail domain, folded."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=255, blank=True, db_index=True)
    regulator = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code


class Party(models.Model):
    """Somebody with a mailbox. ``email`` is folded; one mailbox may belong to several parties."""

    code = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=32, choices=_KINDS)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=320, db_index=True)
    approved = models.BooleanField(default=True)
    role = models.CharField(max_length=100, blank=True)
    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="carers")
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
                condition=~models.Q(kind=PartyKind.CARER.value) | models.Q(household__isnull=False),
                name="a_carer_has_a_household",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    kind__in=[PartyKind.PERSON.value, PartyKind.FAMILY.value, PartyKind.REPRESENTATIVE.value]
                )
                | models.Q(person__isnull=False),
                name="family_belongs_to_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.code
