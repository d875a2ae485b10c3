"""What pages ask of the key holder: work that needs a master key or the vault's store, which no page has (ADR 11).

A row holds who asks, what for, and how far it is. What was typed is in it sealed; answers are sealed to whoever asked.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from vault.models.lengths import ADDRESS, DIGEST, ID_LENGTH


class ErrandKind(models.TextChoices):
    """What is asked for."""

    LOOK = "look", "a look at a filed mail"
    EVIDENCE = "evidence", "the evidence of an incident"
    DISPOSAL = "disposal", "a disposal that two people approved"
    COLLECT = "collect", "what is kept about a person who asks for it"
    REVIEW = "review", "the documents of a request for access"
    DECIDE = "decide", "what was decided about one of these documents"
    PREVIEW = "preview", "the answer to a request for access, to be looked at"
    ANSWER = "answer", "the sealed answer to a request for access"
    DROP = "drop", "what was opened for a request, wiped"


FOR_ONE_BROWSER = (ErrandKind.LOOK, ErrandKind.REVIEW, ErrandKind.PREVIEW)
"""What is answered with words and pictures, sealed to whoever asked: each person asks for their own."""


class ErrandState(models.TextChoices):
    """Where it is. One that needs a second person begins as proposed."""

    PROPOSED = "proposed", "waits for a second person"
    ASKED = "asked", "waits for the key holder"
    TAKEN = "taken", "is being done"
    DONE = "done", "done"
    REFUSED = "refused", "not done"


class Errand(models.Model):
    """One request. ``target`` is a record, an incident, a proposal or a request for access (``SAR-7``).

    ``reply_to`` is an age key that was made for the answer; ``seen`` the code of what was looked at before this was
    asked. ``says`` is a sentence for whoever asked; ``until`` when an answer is forgotten, or nobody answers any more.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH)
    kind = models.CharField(max_length=12, choices=ErrandKind.choices)
    target = models.CharField(max_length=200)
    why = models.CharField(max_length=500)
    asked_by = models.CharField(max_length=ADDRESS)
    asked_at = models.DateTimeField()
    agreed_by = models.CharField(max_length=ADDRESS, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    query = models.BinaryField(default=b"", blank=True)
    receiver = models.TextField(blank=True)
    reply_to = models.CharField(max_length=80, blank=True)
    seen = models.CharField(max_length=DIGEST, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=ErrandState.choices)
    taken_until = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    says = models.TextField(blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    until = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "asked_at"], name="errands_that_wait"),
            models.Index(fields=["kind", "target"], name="errands_by_target"),
            models.Index(fields=["asked_by", "asked_at"], name="errands_by_person"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(asked_by="") & ~Q(why=""),
                name="an_errand_is_somebodys",
                violation_error_message="somebody asks, for a reason",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by="") | ~Q(agreed_by=F("asked_by")),
                name="who_asks_does_not_agree",
                violation_error_message="it takes a second person",
            ),
            models.CheckConstraint(
                condition=~Q(kind="evidence") | Q(state__in=["proposed", "refused"]) | ~Q(agreed_by=""),
                name="evidence_takes_two_people",
                violation_error_message="it takes a second person",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["look", "review", "preview", "answer"]) | ~Q(reply_to=""),
                name="a_look_has_somebody_to_answer",
                violation_error_message="an answer is sealed to whoever asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class ErrandPiece(models.Model):
    """A piece of an answer: an age file for whoever asked, or a part of a sealed bundle. It goes when time is over."""

    errand = models.ForeignKey(Errand, on_delete=models.CASCADE, related_name="pieces")
    name = models.CharField(max_length=80)
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["errand", "name"], name="each_piece_once")]

    def __str__(self) -> str:
        return self.name
