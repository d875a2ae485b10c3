"""Sharing on another ground than permission, urgent releases, reviews asked for: each is looked at afterwards."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from domain.decision import Basis
from domain.model import Category
from domain.permission import OTHER_BASES
from domain.tags import Concern
from register.models.named import is_known
from register.models.recorded import Recorded, today

_CONCERNS = [(c.value, c.label) for c in Concern]


class SharingBasis(Recorded):
    """A decision to let recipients know on safeguarding, a legal duty, vital interests and so on (UK GDPR Arts 6, 9).

    ``recipients`` are codes of parties or organisations, or folded addresses. It counts from ``since`` until
    ``until``, and has to be reviewed by ``review_due``.
    """

    code = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="bases")
    basis = models.CharField(max_length=32, choices=[(b.value, b.value) for b in OTHER_BASES])
    concern = models.CharField(max_length=20, choices=_CONCERNS, blank=True)
    reason = models.TextField()
    recipients: models.JSONField[list[str]] = models.JSONField(default=list)
    categories: models.JSONField[list[str]] = models.JSONField(default=list)
    decided_by = models.CharField(max_length=200)
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    review_due = models.DateField()
    reviewed_on = models.DateField(null=True, blank=True)
    review_outcome = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")),
                name="a_basis_ends_after_it_starts",
                violation_error_message="a ground for sharing cannot end before it starts",
            ),
            models.CheckConstraint(
                condition=~Q(basis=Basis.SAFEGUARDING.value) | ~Q(concern=""),
                name="safeguarding_names_one_of_the_seven_concerns",
                violation_error_message="safeguarding needs one of the policy's seven concerns",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_on__isnull=True) | ~Q(review_outcome=""),
                name="a_review_has_an_outcome",
                violation_error_message="a review that was held has an outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        """Raises ``ValidationError`` for nobody or nothing known to share, or where an end would be undone."""
        self.keeps_end("ended_at", "a ground that has ended is not taken up again; record a new decision")
        self.not_ahead("reviewed_on", today(), "a review that was held cannot lie in the future")
        if not self.recipients or not all(isinstance(r, str) and r for r in self.recipients):
            raise ValidationError("a ground for sharing names at least one recipient")
        self._recipients_are_known()
        if not self.categories or set(self.categories) - {c.value for c in Category}:
            raise ValidationError("a ground for sharing names at least one known category")

    def _recipients_are_known(self) -> None:
        """Somebody new could get a code that nobody has yet. What is stored already stops no end of the ground."""
        for recipient in set(self.recipients) - set(self.stored("recipients") or ()):
            if "@" not in recipient and not is_known(recipient):
                raise ValidationError("a recipient of a ground for sharing is a party, an organisation or an address")
            if "@" in recipient and recipient != recipient.casefold().strip():
                raise ValidationError("a recipient's address is in small letters, without spaces around it")


class UrgentRelease(Recorded):
    """An officer's ``[urgent: ...]``: one recipient of one mail, told to the management team, reviewed afterwards."""

    digest = models.CharField(max_length=64)
    officer = models.CharField(max_length=320)
    recipient = models.CharField(max_length=320)
    concern = models.CharField(max_length=20, choices=_CONCERNS)
    people: models.JSONField[list[str]] = models.JSONField(default=list, blank=True)
    categories: models.JSONField[list[str]] = models.JSONField(default=list, blank=True)
    released_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    review_due = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=200, blank=True)
    review_outcome = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "officer", "recipient"], name="a_release_once_a_recipient"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True) | (~Q(reviewed_by="") & ~Q(review_outcome="")),
                name="a_reviewed_release_says_by_whom_and_how",
                violation_error_message="a review says who held it and what came of it",
            ),
        ]

    def __str__(self) -> str:
        return f"urgent release {self.pk}"


class ReviewRequest(Recorded):
    """Someone new is to be involved, or a permission is missing, withdrawn or overdue: the person is to be asked.

    One open request a person and recipient; it is closed with an outcome.
    """

    person = models.ForeignKey("register.Person", on_delete=models.CASCADE, related_name="review_requests")
    recipient = models.CharField(max_length=320)
    officer = models.CharField(max_length=320)
    rule = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=200, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "recipient"],
                condition=Q(closed_at__isnull=True),
                name="one_open_request_a_person_and_recipient",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (~Q(closed_by="") & ~Q(outcome="")),
                name="a_closed_request_says_by_whom_and_how",
                violation_error_message="a request is closed by somebody, with an outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"review request {self.pk}"
