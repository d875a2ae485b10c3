"""Disposal: what is proposed, who approved it, what was destroyed, and the certificate of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from domain.disposal import LineState
from vault.models.keys import SealingKey
from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH
from vault.models.records import VaultRecord

_DONE = [LineState.BEGUN.value, LineState.ERASED.value, LineState.DISPOSED.value]
_LIVE = [LineState.OPEN.value, *_DONE]
_ERASED = [LineState.ERASED.value, LineState.DISPOSED.value]


class DisposalBatch(models.Model):
    """One proposal."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    proposed_by = models.CharField(max_length=ADDRESS)
    proposed_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(proposed_by=""),
                name="somebody_proposed_it",
                violation_error_message="a proposal is somebody's",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class DisposalCertificate(models.Model):
    """What was destroyed, as it was certified. ``content`` is the JSON text; ``version`` is empty until it is filed."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    batch = models.ForeignKey(DisposalBatch, on_delete=models.PROTECT, related_name="certificates")
    issued_by = models.CharField(max_length=ADDRESS)
    issued_at = models.DateTimeField()
    content = models.TextField()
    sha256 = models.CharField(max_length=DIGEST)
    key = models.CharField(max_length=512, unique=True)
    version = models.CharField(max_length=128, blank=True)
    locked_until = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(content="") & ~Q(sha256="") & ~Q(issued_by=""),
                name="a_certificate_says_something",
                violation_error_message="a certificate has a text, its digest and somebody who issued it",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class DisposalLine(models.Model):
    """A record, or a person's sealing key, on its way out. ``facts`` are what those who approve are shown.

    ``planned`` are the versions that the store listed before anything was removed; ``proof`` what was read afterwards.
    """

    batch = models.ForeignKey(DisposalBatch, on_delete=models.PROTECT, related_name="lines")
    proposed_by = models.CharField(max_length=ADDRESS)
    record = models.ForeignKey(VaultRecord, null=True, on_delete=models.PROTECT, related_name="disposals")
    key = models.ForeignKey(SealingKey, null=True, on_delete=models.PROTECT, related_name="disposals")
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in LineState], default=LineState.OPEN)
    facts = models.JSONField()
    digest = models.CharField(max_length=DIGEST)
    problem = models.TextField(blank=True)
    refused_by = models.CharField(max_length=ADDRESS, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = models.TextField(blank=True)
    keep_until = models.DateField(null=True, blank=True)
    first_approver = models.CharField(max_length=ADDRESS, blank=True)
    second_approver = models.CharField(max_length=ADDRESS, blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    planned = models.JSONField(default=list)
    erased_at = models.DateTimeField(null=True, blank=True)
    proof = models.JSONField(default=dict)
    disposed_at = models.DateTimeField(null=True, blank=True)
    certificate = models.ForeignKey(DisposalCertificate, null=True, on_delete=models.PROTECT, related_name="lines")

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["batch", "state"], name="disposal_line_by_state")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(record__isnull=True, key__isnull=False) | Q(record__isnull=False, key__isnull=True),
                name="a_line_is_a_record_or_a_key",
                violation_error_message="a line is about one record or one key",
            ),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state__in=_LIVE),
                name="a_record_goes_once",
                violation_error_message="the record is proposed or disposed of already",
            ),
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=_LIVE),
                name="a_key_goes_once",
                violation_error_message="the key is proposed or destroyed already",
            ),
            models.CheckConstraint(
                condition=Q(state=LineState.REFUSED.value, refused_at__isnull=False, keep_until__isnull=False)
                & ~Q(refused_by="")
                & ~Q(refusal="")
                | (~Q(state=LineState.REFUSED.value) & Q(refused_at=None, keep_until=None, refused_by="", refusal="")),
                name="a_refusal_is_somebodys_with_a_reason",
                violation_error_message="a refusal has somebody, a reason and a day on which it is looked at again",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=_DONE, begun_at__isnull=False)
                    & ~Q(first_approver="")
                    & ~Q(second_approver="")
                    & ~Q(first_approver=F("second_approver"))
                    & ~Q(first_approver=F("proposed_by"))
                    & ~Q(second_approver=F("proposed_by"))
                )
                | (~Q(state__in=_DONE) & Q(begun_at=None, first_approver="", second_approver="")),
                name="nothing_goes_without_two_others",
                violation_error_message="nothing is destroyed without two people, neither of whom proposed it",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_ERASED, erased_at__isnull=False) | (~Q(state__in=_ERASED) & Q(erased_at=None)),
                name="erased_has_its_time",
                violation_error_message="what is erased has a time, and nothing else has",
            ),
            models.CheckConstraint(
                condition=Q(state=LineState.DISPOSED.value, disposed_at__isnull=False)
                | (~Q(state=LineState.DISPOSED.value) & Q(disposed_at=None, certificate=None)),
                name="only_what_is_gone_is_certified",
                violation_error_message="only what is destroyed has a time of it and a certificate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.record_id or self.key}"


class DisposalApproval(models.Model):
    """One person's approval of one line, as it then was. ``void`` says why it counts no more."""

    line = models.ForeignKey(DisposalLine, on_delete=models.PROTECT, related_name="approvals")
    proposed_by = models.CharField(max_length=ADDRESS)
    by = models.CharField(max_length=ADDRESS)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    digest = models.CharField(max_length=DIGEST)
    void = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["line", "by"],
                condition=Q(void=""),
                name="one_approval_a_person",
                violation_error_message="the same person cannot approve twice",
            ),
            models.CheckConstraint(
                condition=~Q(by="") & ~Q(by=F("proposed_by")),
                name="nobody_approves_their_own",
                violation_error_message="who proposed it cannot approve it",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("at")),
                name="an_approval_lasts_a_while",
                violation_error_message="an approval runs out after it was given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id}: {self.by}"
