"""Addresses to which nothing goes for the time being: what the breach team stops at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from register.models.recorded import Recorded


class StoppedRecipient(Recorded):
    """Whatever is sent to this address (folded) is held until it is let go. ``case`` is an incident's reference."""

    address = models.CharField(max_length=320)
    case = models.CharField(max_length=200)
    starts = models.DateTimeField()
    ends = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["address"],
                condition=Q(ends=None),
                name="an_address_is_stopped_once",
                violation_error_message="mail to this address is stopped already",
            ),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(ends__gte=models.F("starts")),
                name="a_stop_ends_after_it_began",
                violation_error_message="it is let go after it was stopped",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        """What was let go is stopped anew by a row of its own."""
        self.keeps_end("ends", "mail to this address was let go; stop it anew")
