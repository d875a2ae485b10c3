"""Service users: who they are, what they are called, where they live."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models

from domain.permission import Capacity


def new_ref() -> str:
    """An opaque reference (80 random bits): safe in tags, journals and logs, because it says nothing about anybody."""
    return "p-" + secrets.token_hex(10)


class Person(models.Model):
    """A service user. ``ref`` is what the rest of the system calls them."""

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    council_id = models.CharField(max_length=32, unique=True)
    nhs_number = models.CharField(max_length=10, unique=True, null=True, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    capacity = models.CharField(
        max_length=32, choices=[(c.value, c.value) for c in Capacity], default=Capacity.HAS.value
    )

    def __str__(self) -> str:
        return self.ref


class PersonName(models.Model):
    """One name a person is or was known by. ``main`` marks the one that is shown."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=200)
    main = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="a_name_once_a_person"),
            models.UniqueConstraint(fields=["person"], condition=models.Q(main=True), name="one_main_name_a_person"),
        ]

    def __str__(self) -> str:
        return f"name {self.pk}"


class Placement(models.Model):
    """A person lives with a household, from and to (both days included)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="placements")
    household = models.ForeignKey("register.Household", on_delete=models.PROTECT, related_name="placements")
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True) | models.Q(ends__gte=models.F("starts")),
                name="a_placement_ends_after_it_starts",
            ),
            models.UniqueConstraint(fields=["person", "household", "starts"], name="a_placement_once"),
        ]

    def __str__(self) -> str:
        return f"placement {self.pk}"
