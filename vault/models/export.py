"""What goes out of the vault to people: access requests with their decisions, and every bundle that was handed over.

No name, no word and no digest of a document is here: a document of a case is the record and the part where it lies.
What an officer types (``scope``, ``reason``, ``purpose``) is kept as typed, and should name nobody.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from domain.access_request import Wanted
from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH, PERSON


class Asker(models.TextChoices):
    """Who asks. Somebody who acts for the person must show that they may."""

    PERSON = "person", "The person"
    REPRESENTATIVE = "representative", "Somebody who acts for them"
    SOLICITOR = "solicitor", "A solicitor"
    OTHER = "other", "Somebody else"


class Choice(models.TextChoices):
    """What becomes of one document of an access request."""

    RELEASE = "release"
    REDACT = "redact"
    WITHHOLD = "withhold"
    UNLISTED = "withhold-unlisted"  # where saying that it exists would do the harm
    NOT_THEIRS = "not-theirs"  # found by a name, and about somebody else


_NEED_A_GROUND = [Choice.REDACT.value, Choice.WITHHOLD.value, Choice.UNLISTED.value]


class AccessRequest(models.Model):
    """A subject access request (UK GDPR Art. 15). ``person`` is a register reference; days are days here."""

    person = models.CharField(max_length=PERSON, db_index=True)
    received = models.DateField()
    asker = models.CharField(max_length=16, choices=Asker.choices, default=Asker.PERSON)
    scope = models.TextField(blank=True)
    extended_on = models.DateField(null=True, blank=True)
    extension_reason = models.TextField(blank=True)
    finished_on = models.DateField(null=True, blank=True, db_index=True)
    outcome = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=ADDRESS)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(finished_on__isnull=True) | Q(finished_on__gte=F("received")),
                name="a_request_ends_after_it_came",
            ),
            models.CheckConstraint(
                condition=Q(extended_on__isnull=True) | (Q(extended_on__gte=F("received")) & ~Q(extension_reason="")),
                name="an_extension_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(finished_on__isnull=True) | ~Q(outcome=""), name="a_finished_request_has_an_outcome"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """What people call it."""
        return f"SAR-{self.pk}"


class AccessQuestion(models.Model):
    """Something that the person was asked before their request can be answered, and when the answer came."""

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="questions")
    wanted = models.CharField(max_length=16, choices=[(w.value, w.value) for w in Wanted])
    asked = models.DateField()
    answered = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered__isnull=True) | Q(answered__gte=F("asked")),
                name="an_answer_comes_after_its_question",
            ),
            models.UniqueConstraint(
                fields=["request", "wanted"], condition=Q(answered__isnull=True), name="one_open_question_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.wanted}"


class AccessDecision(models.Model):
    """What a reviewer decided about one document. The last decision counts; earlier ones are in the audit trail.

    ``exemptions`` are codes of ``vault/export/exemptions.py``; ``passages`` is how many texts were taken out.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, related_name="decisions")
    document = models.CharField(max_length=16)
    record = models.CharField(max_length=ID_LENGTH)
    part = models.CharField(max_length=100, blank=True)
    choice = models.CharField(max_length=24, choices=Choice.choices)
    exemptions = models.JSONField(default=list)
    grounded = models.BooleanField(default=False)
    passages = models.PositiveIntegerField(default=0)
    reviewer = models.CharField(max_length=ADDRESS)
    decided_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "document"], name="one_decision_a_document"),
            models.CheckConstraint(
                condition=~Q(choice__in=_NEED_A_GROUND) | Q(grounded=True), name="nothing_is_withheld_without_a_ground"
            ),
            models.CheckConstraint(
                condition=~Q(choice=Choice.REDACT.value) | Q(passages__gt=0), name="a_redaction_takes_something_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.document} {self.choice}"


class BundleKind(models.TextChoices):
    """What a bundle is for."""

    ACCESS = "access"
    INCIDENT = "incident"
    INSPECTOR = "inspector"


class HandedOver(models.Model):
    """One bundle that left, sealed. ``sha256`` and ``size`` are of the sealed file; ``receiver`` names its keys."""

    kind = models.CharField(max_length=16, choices=BundleKind.choices)
    request = models.ForeignKey(AccessRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="bundles")
    reference = models.CharField(max_length=100)
    purpose = models.TextField()
    authority = models.TextField()
    receiver = models.TextField()
    records = models.JSONField(default=list)
    sha256 = models.CharField(max_length=DIGEST)
    size = models.PositiveBigIntegerField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=ADDRESS)

    class Meta:
        verbose_name_plural = "bundles handed over"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(authority="") & ~Q(receiver=""),
                name="nothing_goes_out_without_purpose_and_authority",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.reference}"
