"""Sharing on another ground than permission: decided, ended early, looked at afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.decision import Basis
from domain.model import Category, folded
from domain.permission import ReviewIntervals
from domain.tags import Concern
from register import models as m
from register.recording.frame import (
    Impossible,
    changed,
    locked,
    not_ahead,
    party_or_organisation,
    person_of,
    recording,
    said,
    same,
    today,
)


@dataclass(frozen=True, slots=True)
class NewBasis:
    """``recipients`` are codes of parties or organisations, or mail addresses. ``since`` None is now.

    ``review_due`` None is the day on which it ends, or the policy's interval if that is sooner.
    """

    code: str
    council_id: str
    basis: Basis
    reason: str
    recipients: tuple[str, ...]
    categories: frozenset[Category]
    decided_by: str
    until: datetime
    since: datetime | None = None
    concern: Concern | None = None
    review_due: date | None = None


def record_basis(new: NewBasis, now: datetime, reviews: ReviewIntervals) -> m.SharingBasis:
    """A decision to share on this ground. The same decision again changes nothing."""
    with recording("another ground for sharing", now):
        code, values = said(new.code, "the decision's id"), _values(new)
        known: m.SharingBasis | None = m.SharingBasis.objects.select_for_update().filter(code=code).first()
        if known is not None:
            if same(known, values) and (new.since is None or new.since == known.since):
                return known
            raise Impossible("There is a ground for sharing with that id already, and it says something else.")
        since = new.since or now
        due = new.review_due or min(today(new.until), today(since) + reviews.usual)
        row = m.SharingBasis(code=code, since=since, review_due=due, **values)
        row.save()
        return row


def _values(new: NewBasis) -> dict[str, Any]:
    return {
        "person": person_of(new.council_id),
        "basis": new.basis.value,
        "concern": new.concern.value if new.concern else "",
        "reason": said(new.reason, "why"),
        "recipients": [_recipient(r) for r in new.recipients],
        "categories": [c.value for c in Category if c in new.categories],
        "decided_by": said(new.decided_by, "who decided"),
        "until": new.until,
    }


def _recipient(text: str) -> str:
    """A mistyped code would be a decision that lets nobody know."""
    if "@" in text:
        return folded(text.strip())
    party_or_organisation(text)
    return text


def end_basis(code: str, now: datetime) -> m.SharingBasis:
    """It counts no longer, from now. An earlier end stands."""
    with recording("ground for sharing ended", now):
        row = locked(m.SharingBasis, "ground for sharing", code=code)
        if row.ended_at is None or row.ended_at > now:
            row.ended_at = now
            row.save()
        return row


def review_basis(
    code: str, now: datetime, *, outcome: str, held_on: date | None = None, next_due: date | None = None
) -> m.SharingBasis:
    """The decision was looked at again. ``next_due`` asks for another look; without it, none is due any more."""
    with recording("ground for sharing reviewed", now):
        row = locked(m.SharingBasis, "ground for sharing", code=code)
        held = held_on or today(now)
        not_ahead(held, now, "day of the review")
        if held < today(row.since):
            raise Impossible("The review cannot be held before the decision.")
        if next_due is not None and next_due <= held:
            raise Impossible("The next review must be due after this one.")
        values = {"reviewed_on": held, "review_outcome": said(outcome, "what came of the review")}
        values |= {"review_due": next_due or min(row.review_due, held)}
        return row if same(row, values) else changed(row, values)
