"""Reviews that were held: of a permission, of an urgent release, of what a request for new involvement asked."""

from __future__ import annotations

from datetime import date, datetime

from domain.permission import Capacity, Ground, ReviewIntervals
from register import models as m
from register.recording.frame import Impossible, capacity_on, locked, not_ahead, recording, said, today
from register.recording.permissions import interval


def renew(
    code: str,
    now: datetime,
    reviews: ReviewIntervals,
    *,
    outcome: str,
    held_on: date | None = None,
    next_due: date | None = None,
) -> m.Permission:
    """A review was held and the permission kept, until the next is due (the policy's interval, unless sooner)."""
    with recording("permission reviewed", now):
        form = locked(m.Permission, "permission", code=code)
        held = held_on or today(now)
        not_ahead(held, now, "day of the review")
        due = next_due or held + interval(form.person, held, reviews)
        text = said(outcome, "what came of the review")
        if (form.reviewed_on, form.review_due, form.review_outcome) == (held, due, text):
            return form
        _may_be_kept(form, held)
        if due <= held:
            raise Impossible("The next review must be due after this one.")
        form.reviewed_on, form.review_due, form.review_outcome = held, due, text
        form.save()
        return form


def _may_be_kept(form: m.Permission, held: date) -> None:
    """A review keeps only what still counts; what does not needs a new form or decision."""
    person = form.person
    lacks = capacity_on(person, held) is Capacity.LACKS
    if form.withdrawn_at is not None:
        raise Impossible("This permission was withdrawn; record the new form that the person has signed.")
    if person.died_on is not None and person.died_on <= held:
        raise Impossible("The person has died, and their permission ended with that.")
    if form.reviewed_on is not None and held < form.reviewed_on:
        raise Impossible("A later review of this permission is recorded already.")
    if _superseded(form):
        raise Impossible("A later form has taken the place of this one; review that one.")
    if form.ground == Ground.FORM.value and lacks:
        raise Impossible("The person lacks capacity to decide about this; record a best-interests decision instead.")
    if form.ground == Ground.BEST_INTERESTS.value and not lacks:
        raise Impossible("The person can decide for themselves now; ask them to sign a form instead.")


def _superseded(form: m.Permission) -> bool:
    others = m.Permission.objects.filter(person_id=form.person_id, ground=form.ground).exclude(pk=form.pk)
    return any((o.signed_on, o.code) > (form.signed_on, form.code) for o in others)


def review_release(number: int, now: datetime, *, by: str, outcome: str) -> m.UrgentRelease:
    """An urgent release was looked at by ``by``."""
    with recording("urgent release reviewed", now):
        row = locked(m.UrgentRelease, "urgent release", pk=number)
        texts = said(by, "who held the review"), said(outcome, "what came of the review")
        if row.reviewed_at is not None:
            if (row.reviewed_by, row.review_outcome) == texts:
                return row
            raise Impossible("This urgent release has been reviewed already.")
        row.reviewed_at, (row.reviewed_by, row.review_outcome) = now, texts
        row.save()
        return row


def close_review_request(number: int, now: datetime, *, by: str, outcome: str) -> m.ReviewRequest:
    """The person was asked, and this came of it. What they permitted is recorded on its own."""
    with recording("review request closed", now):
        row = locked(m.ReviewRequest, "review request", pk=number)
        texts = said(by, "who closed it"), said(outcome, "what came of it")
        if row.closed_at is not None:
            if (row.closed_by, row.outcome) == texts:
                return row
            raise Impossible("This request has been closed already.")
        row.closed_at, (row.closed_by, row.outcome) = now, texts
        row.save()
        return row
