"""Forms that the office had made of what somebody said, and that wait to be signed on the pick-up pages."""

from __future__ import annotations

from django.db import models

from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH, PERSON


class AskedPermission(models.Model):
    """One 'Permission to share' form. ``draft`` is what the console's questions were answered with; ``signer`` an id.

    ``record`` is the form as it was sent, ``signed_record`` the signed one. It changes nothing in the register until
    an officer has looked at the signed form and recorded it; then ``closed_how`` is the permission's id.
    """

    code = models.CharField(max_length=64)
    person = models.CharField(max_length=PERSON, db_index=True)
    draft = models.JSONField()
    signer = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=ADDRESS)
    sent_at = models.DateTimeField(null=True, blank=True)
    record = models.CharField(max_length=ID_LENGTH, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_mail = models.CharField(max_length=DIGEST, blank=True)
    signed_record = models.CharField(max_length=ID_LENGTH, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=ADDRESS, blank=True)
    closed_how = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"asked {self.pk}"
