"""A carer and a person who have parted: what was asked of the carer, what they signed, and that it is done.

Carers are named by the register's id, people by their opaque reference. ``keeps`` holds what may be kept, as the
officer wrote it: "mileage sheets of 2026, for tax".
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from domain.leaving import Copies, Papers, Why
from vault.models.lengths import ADDRESS, ID_LENGTH, PERSON

_NAME = 200


class LeavingCase(models.Model):
    """One parting. Each time in it is when that was done; what is not done yet is empty.

    ``record`` is the page as it was sent, in the vault; ``signed_record`` the signed one, once the relay has filed it.
    ``signed_mail`` is the SHA-256 of the mail in which it comes.
    """

    carer = models.CharField(max_length=64)
    person = models.CharField(max_length=PERSON, db_index=True)
    why = models.CharField(max_length=64, choices=[(w.value, w.value) for w in Why])
    ended_on = models.DateField()
    opened_at = models.DateTimeField()
    keeps = models.TextField(blank=True)
    agreed_by = models.CharField(max_length=_NAME, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.CharField(max_length=ADDRESS, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    record = models.CharField(max_length=ID_LENGTH, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_mail = models.CharField(max_length=64, blank=True)
    signed_record = models.CharField(max_length=ID_LENGTH, blank=True)
    papers = models.CharField(max_length=64, choices=[(p.value, p.value) for p in Papers], blank=True)
    copies = models.CharField(max_length=64, choices=[(c.value, c.value) for c in Copies], blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=ADDRESS, blank=True)
    done_why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["carer", "person", "ended_on"], name="a_parting_once"),
            models.CheckConstraint(
                condition=models.Q(keeps="") | ~models.Q(agreed_by=""),
                name="what_a_carer_keeps_was_agreed",
                violation_error_message="what a carer keeps was agreed by somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"leaving {self.pk}"
