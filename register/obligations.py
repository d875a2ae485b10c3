"""What decisions oblige to: urgent releases are recorded for review, and reviews of permission are opened.

The policy: a review is held "at least on a yearly basis or when there is a request for new involvement".
Implements the port ``Obligations``. Any trouble with the database is ``RegisterUnavailable``: nothing leaves then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from domain.decision import Decision, Obligation
from domain.model import Envelope
from domain.ports import Release
from domain.tags import Concern
from register.acting import acting
from register.lookup import reading
from register.models import Person, ReviewRequest, UrgentRelease


class DatabaseObligations:
    """``review`` is the time in which an urgent release has to be reviewed."""

    def __init__(self, review: timedelta) -> None:
        self._review = review

    def carry_out(
        self, digest: str, envelope: Envelope, concern: Concern | None, decisions: Sequence[Decision], now: datetime
    ) -> tuple[Release, ...]:
        """See the port."""
        if not any(d.obligations & _OURS for d in decisions):
            return ()
        with reading("obligations"), acting(envelope.sender.key or "relay", "mail", now), transaction.atomic():
            for decision in decisions:
                if Obligation.REVIEW_PERMISSION in decision.obligations:
                    _open_reviews(decision, envelope, now)
                if concern is not None and Obligation.REVIEW_RELEASE in decision.obligations:
                    self._release(digest, envelope, concern, decision, now)
            return _untold(digest, envelope)

    def told(self, digest: str, envelope: Envelope, now: datetime) -> None:
        """See the port."""
        with reading("told"), acting("relay", "management told", now), transaction.atomic():
            for row in _of(digest, envelope).filter(told_at=None):
                row.told_at = now
                row.save()

    def _release(self, digest: str, envelope: Envelope, concern: Concern, decision: Decision, now: datetime) -> None:
        UrgentRelease.objects.get_or_create(
            digest=digest,
            officer=envelope.sender.key,
            recipient=decision.recipient.key,
            defaults={
                "concern": concern.value,
                "people": sorted({r.person for r in decision.reasons if r.person}),
                "categories": sorted({r.category.value for r in decision.reasons if r.category}),
                "released_at": now,
                "review_due": now + self._review,
            },
        )


_OURS = frozenset({Obligation.REVIEW_PERMISSION, Obligation.REVIEW_RELEASE})


def _open_reviews(decision: Decision, envelope: Envelope, now: datetime) -> None:
    """One open request for each person whose permission stood in question, and this recipient."""
    asked = {r.person: r.rule for r in decision.reasons if r.person and Obligation.REVIEW_PERMISSION in r.obligations}
    for person in Person.objects.filter(ref__in=asked):
        ReviewRequest.objects.get_or_create(
            person=person,
            recipient=decision.recipient.key,
            closed_at=None,
            defaults={"officer": envelope.sender.key, "rule": asked[person.ref], "opened_at": now},
        )


def _of(digest: str, envelope: Envelope) -> QuerySet[UrgentRelease]:
    """Only of this envelope: the same mail may come to other recipients in another dialogue."""
    recipients = {r.key for r in envelope.recipients}
    return UrgentRelease.objects.filter(digest=digest, officer=envelope.sender.key, recipient__in=recipients)


def _untold(digest: str, envelope: Envelope) -> tuple[Release, ...]:
    addresses = {r.key: r for r in envelope.recipients}
    rows = _of(digest, envelope).filter(told_at=None).order_by("recipient")
    return tuple(Release(addresses[row.recipient], Concern(row.concern), row.review_due) for row in rows)
