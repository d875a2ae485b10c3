"""The 'Permission to share' form and the best-interests decision, as data."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from domain.model import Category
from domain.permission import Capacity, Ground
from register.models.dated import Dated, Turn
from register.models.people import CapacityAssessment
from register.models.recorded import Recorded, today
from register.papers import filed

_GROUNDS = [(g.value, g.value) for g in Ground]
_GIVEN_BY = ["person", "attorney", "deputy", "decision-maker"]
_HOW = ["paper", "digital", "spoken"]
MCA_FIELDS = ("decision", "circumstances", "participation", "wishes", "consulted", "decision_maker")
"""What a best-interests decision must say (Mental Capacity Act 2005 s.4)."""


def _said(name: str) -> Q:
    return ~Q(**{name: ""})


_STAYS_WITHDRAWN = "a withdrawal is not taken back; record the new form that the person has signed"


class Permission(Recorded):
    """One signed form, or one best-interests decision (Mental Capacity Act 2005 s.4) for this specific sharing.

    ``document`` is the vault record of the signed paper. ``reviewed_on`` is the last review at which it was kept,
    ``review_outcome`` what came of it. A withdrawal is never taken back: a new form is signed.
    """

    code = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="permissions")
    ground = models.CharField(max_length=40, choices=_GROUNDS)
    given_by = models.CharField(max_length=20, choices=[(g, g) for g in _GIVEN_BY], default="person")
    how = models.CharField(max_length=20, choices=[(h, h) for h in _HOW], default="paper")
    document = models.CharField(max_length=64, blank=True)
    signed_on = models.DateField()
    review_due = models.DateField()
    reviewed_on = models.DateField(null=True, blank=True)
    review_outcome = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=200, blank=True)
    # A best-interests decision; empty for a form.
    decision = models.TextField(blank=True)
    circumstances = models.TextField(blank=True)
    regaining = models.TextField(blank=True)
    participation = models.TextField(blank=True)
    wishes = models.TextField(blank=True)
    consulted = models.TextField(blank=True)
    representative = models.TextField(blank=True)
    decision_maker = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(review_due__gte=F("signed_on")),
                name="a_review_comes_after_signing",
                violation_error_message="a review cannot be due before the signing",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_on__isnull=True) | Q(reviewed_on__gte=F("signed_on")),
                name="a_review_is_held_after_signing",
                violation_error_message="a review cannot be held before the signing",
            ),
            models.CheckConstraint(
                condition=Q(ground=Ground.FORM.value)
                | (_said("decision") & _said("circumstances") & _said("participation"))
                & (_said("wishes") & _said("consulted") & _said("decision_maker")),
                name="a_best_interests_decision_says_what_the_act_asks",
                violation_error_message="a best-interests decision needs the decision, the circumstances, how the "
                "person took part, their wishes, who was consulted, and who decided (Mental Capacity Act 2005 s.4)",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Raises ``ValidationError`` where the parts contradict each other, or a withdrawal would be undone."""
        self.keeps_end("withdrawn_at", _STAYS_WITHDRAWN)
        self._has_happened()
        self._is_filed()
        if self.withdrawn_at is not None and self.withdrawn_at.date() < self.signed_on:
            raise ValidationError("a permission cannot be withdrawn before it is signed")
        if self._is_signed_anew() and self._lacks_capacity(self.signed_on):
            raise ValidationError(
                "the person was recorded as lacking capacity on that day; record a best-interests decision instead"
            )

    def _has_happened(self) -> None:
        """A review to come would make a permission count for as long as somebody likes. A file may be a day ahead."""
        now, tomorrow = today(), today() + timedelta(days=1)
        self.not_ahead("signed_on", tomorrow, "a form cannot be signed in the future")
        self.not_ahead("withdrawn_at", tomorrow, "a withdrawal cannot lie in the future")
        self.not_ahead("reviewed_on", now, "a review that was held cannot lie in the future")

    def _is_filed(self) -> None:
        """What stands there already may stay: it must not stand in a withdrawal's way."""
        if self.document and self.document != self.stored("document") and not filed(self.document, self.person.ref):
            raise ValidationError(
                {"document": "the document is no record of the vault about this person; leave it empty, and file the "
                 "paper with sallyport permission file"}
            )  # fmt: skip

    def _is_signed_anew(self) -> bool:
        """By the person, now. What came to light later about that day must not stand in the way of a withdrawal."""
        as_stored = {name: getattr(self, name) for name in ("person_id", "ground", "given_by", "signed_on")}
        by_person = self.ground == Ground.FORM.value and self.given_by == "person"
        return by_person and not Permission.objects.filter(pk=self.pk, **as_stored).exists()

    def _lacks_capacity(self, day: date) -> bool:
        known = CapacityAssessment.objects.filter(person_id=self.person_id)
        last = known.filter(Q(starts__isnull=True) | Q(starts__lte=day)).order_by(F("starts").desc(nulls_last=True))
        return last.values_list("capacity", flat=True).first() == Capacity.LACKS.value


class Grant(Dated):
    """One line: this party, or this whole organisation, may know these categories for these purposes.

    A line that came onto the form later counts from ``since``; without it a line counts from the form's own day. What
    it lets know counts from ``changed_at``; what it let know before is in ``earlier_lines``.
    """

    TURNS: ClassVar = (Turn(("categories", "purposes"), "changed_at", "EarlierLine", "grant", by_moment=True),)

    permission = models.ForeignKey(Permission, on_delete=models.CASCADE, related_name="grants")
    party = models.ForeignKey("register.Party", null=True, blank=True, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(
        "register.Organisation", null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    categories: models.JSONField[list[str]] = models.JSONField(default=list)
    purposes: models.JSONField[list[str]] = models.JSONField(default=list, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(party__isnull=False, organisation__isnull=True)
                | Q(party__isnull=True, organisation__isnull=False),
                name="a_grant_names_one_party_or_one_organisation",
                violation_error_message="a line of the form names one party or one organisation",
            ),
            models.UniqueConstraint(fields=["permission", "party"], name="a_party_once_a_form"),
            models.UniqueConstraint(fields=["permission", "organisation"], name="an_organisation_once_a_form"),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    def clean(self) -> None:
        """Raises ``ValidationError`` for unknown categories, for none, or where a withdrawal would be undone.

        Also for a line that is older than its form.
        """
        self.keeps_end("withdrawn_at", _STAYS_WITHDRAWN)
        if self.since is not None and self.since.date() < self.permission.signed_on:
            raise ValidationError("a line cannot count before its form is signed; leave its beginning out")
        if not self.categories or set(self.categories) - {c.value for c in Category}:
            raise ValidationError("a line of the form names at least one known category")
