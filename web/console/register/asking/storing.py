"""From what was answered to the register, by its own functions: all of it or nothing."""

from __future__ import annotations

from django.db import transaction

from domain.model import Category
from domain.permission import Ground
from register import models as m
from register import recording
from web import clock
from web.console.register.asking.draft import Draft
from web.console.register.asking.steps import asked
from web.console.register.policy import rules

_TEXTS = (
    *(("decision", "decision"), ("circumstances", "circumstances"), ("circumstances", "regaining")),
    *(("participation", "participation"), ("wishes", "wishes"), ("consulted", "consulted")),
    *(("consulted", "representative"), ("maker", "decision_maker")),
)


def store(draft: Draft, person: m.Person) -> m.Permission:
    """The assessment first, where there is one. Raises ``Impossible``."""
    with transaction.atomic():
        _assess(draft, person)
        return _decide(draft, person) if draft.ground is Ground.BEST_INTERESTS else _sign(draft, person)


def _assess(draft: Draft, person: m.Person) -> None:
    day = draft.day("assessment", "assessed_on") if "assessment" in {s.name for s in asked(draft, person)} else None
    if day is not None and draft.capacity is not None:
        said = {name: str(draft.said("assessment", name)) for name in ("assessor", "notes")}
        recording.assess_capacity(person.council_id, draft.capacity, day, clock.now(), **said)


def _decide(draft: Draft, person: m.Person) -> m.Permission:
    texts = {name: str(draft.said(step, name)) for step, name in _TEXTS}
    day, due = draft.day("decision", "decided_on") or clock.now().date(), draft.day("review", "review_due")
    decided = recording.BestInterests(draft.code, person.council_id, day, _lines(draft), **texts, review_due=due)
    return recording.record_best_interests(decided, clock.now(), rules().reviews)


def _sign(draft: Draft, person: m.Person) -> m.Permission:
    signed = recording.Form(
        draft.code,
        person.council_id,
        draft.day("signed", "signed_on") or clock.now().date(),
        _lines(draft),
        given_by=draft.given_by,
        how=str(draft.said("signed", "how")),
        document=str(draft.said("signed", "document")),
        review_due=draft.day("review", "review_due"),
    )
    return recording.record_permission(signed, clock.now(), rules().reviews)


def _lines(draft: Draft) -> tuple[recording.Line, ...]:
    return tuple(
        recording.Line(line["who"], frozenset(map(Category, line["categories"])), tuple(line["purposes"]))
        for line in draft.lines
    )
