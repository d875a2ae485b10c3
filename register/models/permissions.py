"""The 'Permission to share' form and the best-interests decision, as data."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from domain.permission import Ground

_GROUNDS = [(g.value, g.value) for g in Ground]


class Permission(models.Model):
    """One signed form, or one best-interests decision (Mental Capacity Act 2005 s.4)."""

    code = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="permissions")
    ground = models.CharField(max_length=40, choices=_GROUNDS)
    signed_on = models.DateField()
    review_due = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(review_due__gte=F("signed_on")), name="a_review_comes_after_signing"),
        ]

    def __str__(self) -> str:
        return self.code


class Grant(models.Model):
    """One line: this party, or this whole organisation, may know these categories."""

    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, related_name="grants")
    party = models.ForeignKey("register.Party", null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(
        "register.Organisation", null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    categories: models.JSONField[list[str]] = models.JSONField(default=list)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(party__isnull=False, organisation__isnull=True)
                | Q(party__isnull=True, organisation__isnull=False),
                name="a_grant_names_one_party_or_one_organisation",
            ),
            models.UniqueConstraint(fields=["permission", "party"], name="a_party_once_a_form"),
            models.UniqueConstraint(fields=["permission", "organisation"], name="an_organisation_once_a_form"),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"
