"""The 'Permission to share' form and the best-interests decision: signed, changed, withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from domain.permission import Capacity, Ground, ReviewIntervals
from register import models as m
from register.recording.frame import (
    Impossible,
    capacity_on,
    changed,
    locked,
    not_ahead,
    person_of,
    recording,
    said,
    same,
)
from register.recording.lines import Line, each_once, grants_of, same_lines, store_line, withdraw_grant


@dataclass(frozen=True, slots=True)
class Form:
    """A signed form. Without lines, the person was asked and said no to everybody.

    ``review_due`` None takes the policy's interval. ``document`` is the vault's record of the paper.
    """

    code: str
    council_id: str
    signed_on: date
    lines: tuple[Line, ...]
    given_by: str = "person"
    how: str = "paper"
    document: str = ""
    review_due: date | None = None


@dataclass(frozen=True, slots=True)
class BestInterests:
    """A decision for somebody who lacks capacity, for this specific sharing (Mental Capacity Act 2005 s.4)."""

    code: str
    council_id: str
    decided_on: date
    lines: tuple[Line, ...]
    decision: str
    circumstances: str
    participation: str
    wishes: str
    consulted: str
    decision_maker: str
    regaining: str = ""
    representative: str = ""
    how: str = "paper"
    document: str = ""
    review_due: date | None = None


_DECISION_TEXTS = (
    *("decision", "circumstances", "participation", "wishes"),
    *("consulted", "decision_maker", "regaining", "representative"),
)


def record_permission(form: Form, now: datetime, reviews: ReviewIntervals) -> m.Permission:
    """A form that was signed. The same form again changes nothing."""
    with recording("permission signed", now):
        not_ahead(form.signed_on, now, "day of signing")
        person = person_of(form.council_id)
        values = {"ground": Ground.FORM.value, "given_by": form.given_by, "how": form.how, "document": form.document}
        return _record(form.code, person, form.signed_on, values, form.lines, form.review_due, reviews)


def record_best_interests(decided: BestInterests, now: datetime, reviews: ReviewIntervals) -> m.Permission:
    """A best-interests decision. Capacity is presumed, so an assessment that says otherwise comes first (s.1)."""
    with recording("best-interests decision", now):
        not_ahead(decided.decided_on, now, "day of the decision")
        person = person_of(decided.council_id)
        if capacity_on(person, decided.decided_on) is not Capacity.LACKS:
            raise Impossible(
                "On the day of the decision no assessment said that the person lacks capacity. It comes first: "
                "check both days, record the assessment, or ask them to sign a form."
            )
        values = {"ground": Ground.BEST_INTERESTS.value, "given_by": "decision-maker", "how": decided.how}
        values |= {"document": decided.document} | {name: getattr(decided, name) for name in _DECISION_TEXTS}
        return _record(decided.code, person, decided.decided_on, values, decided.lines, decided.review_due, reviews)


def withdraw(code: str, now: datetime, *, by: str = "", recipients: Collection[str] = ()) -> m.Permission:
    """Wholly, or for some recipients (codes of parties or organisations): from now, for every mail after.

    ``by`` is who took it back. The earlier withdrawal stands where there is one.
    """
    with recording("permission withdrawn", now):
        form = locked(m.Permission, "permission", code=code)
        if not recipients:
            return _withdraw_form(form, now, by)
        named = grants_of(form)
        if unknown := sorted(set(recipients) - set(named)):
            known = ", ".join(sorted(named)) or "nobody"
            raise Impossible(f"This permission does not name '{unknown[0]}'; it names {known}.")
        for recipient in recipients:
            withdraw_grant(named[recipient], now)
        return form


def note_document(code: str, record: str, now: datetime, *, instead_of: str = "") -> m.Permission:
    """The signed paper is in the vault, as this record.

    Another that stands there is overwritten only where it is what the caller has seen to be no record.
    """
    with recording("the signed form filed", now):
        form = locked(m.Permission, "permission", code=code)
        if form.document not in {record, instead_of}:
            raise Impossible(f"The paper of this permission is filed already, as '{form.document}'.")
        return form if form.document == record else changed(form, {"document": record})


def _record(
    code: str,
    person: m.Person,
    signed_on: date,
    values: dict[str, Any],
    lines: Sequence[Line],
    review_due: date | None,
    reviews: ReviewIntervals,
) -> m.Permission:
    values |= {"person": person, "signed_on": signed_on}
    code = said(code, "the permission's id")
    known: m.Permission | None = m.Permission.objects.select_for_update().filter(code=code).first()
    if known is not None:
        if same(known, values) and same_lines(known, lines):
            return known
        raise Impossible("There is a permission with that id already, and it says something else.")
    if person.died_on is not None and person.died_on < signed_on:
        raise Impossible("The person had died by then.")
    due = review_due or signed_on + interval(person, signed_on, reviews)
    form = m.Permission(code=code, review_due=due, **values)
    form.save()
    for line in each_once(lines):
        store_line(form, line, None)
    return form


def interval(person: m.Person, day: date, reviews: ReviewIntervals) -> Any:
    """How long until the next review, as the policy says for somebody of this capacity."""
    return reviews.fluctuating if capacity_on(person, day) is Capacity.FLUCTUATES else reviews.usual


def _withdraw_form(form: m.Permission, now: datetime, by: str) -> m.Permission:
    if form.withdrawn_at is None or form.withdrawn_at > now:
        form.withdrawn_at, form.withdrawn_by = _not_before(form.signed_on, now), by
        form.save()
    return form


def _not_before(signed_on: date, now: datetime) -> datetime:
    """A form dated ahead is withdrawn from its first moment on: it never counts."""
    return max(now, datetime.combine(signed_on, time.min, UTC))
