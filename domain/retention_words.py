"""Why a record is kept and until when, in plain words. No names: whoever calls says how a person is called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from domain.model import Category
from domain.retention import AFTER_DEATH, CORRESPONDENCE
from domain.retention_reckoning import Event, Kept

_SINCE = {
    Event.END_OF_CARE: "from the end of care on {day}",
    Event.END_OF_PLACEMENT: "from the end of the placement on {day}",
    Event.LAST_CONTACT: "from the last contact on {day}",
    Event.CLOSURE: "from the closing of the case on {day}",
    Event.FINANCIAL_YEAR: "from the end of the financial year on {day}",
    Event.FILING: "from the filing of the mail on {day}",
    Event.DEATH: "from the person's death on {day}",
    Event.NOBODY_KNOWN: "from the filing of the mail on {day}, because it is about nobody in the register",
}
_WAITING = {
    Event.CARE_GOES_ON: "care goes on, so the {years} have not begun",
    Event.PLACEMENT_GOES_ON: "the placement goes on, so the {years} have not begun",
    Event.LEFT_BUT_PLACED: "the register says that the person has left, but a placement was not ended; put that right",
    Event.NEVER_PLACED: "the register has neither a placement nor an end of care, so the {years} have not begun",
    Event.NOT_CLOSED: "nobody has said that the case is closed, so the {years} have not begun",
    Event.NOT_IN_THE_REGISTER: "the register does not know the person, so nobody can say when the {years} begin",
    Event.NO_RULE: "the schedule has no such rule (any more), so it is kept until it has",
}


def label(record_class: str) -> str:
    """A class as people say it."""
    known = {c.value: c.label for c in Category} | {CORRESPONDENCE: "correspondence"}
    return known.get(record_class, record_class.replace("-", " "))


def headline(kept: Kept, today: date) -> str:
    """What counts, in one sentence."""
    if kept.until is None:
        return "It is kept, and nobody can say yet until when."
    if kept.run_out(today):
        return f"Its retention has run out: disposal may be proposed since {said(kept.until)}."
    return f"It is kept until {said(kept.until - timedelta(days=1))}; from the next day on disposal may be proposed."


def reason(kept: Kept, called: Callable[[str], str]) -> str:
    """What one class asks for because of one person. ``called`` is given the person's reference."""
    what = label(kept.record_class) + _as(kept.variant)
    because = f", because of {called(kept.person)}" if kept.person else ""
    if kept.day is None or kept.until is None:
        return f"{what}{because}: {_WAITING[kept.event].format(years=years(kept.years))}."
    since = _SINCE[kept.event].format(day=said(kept.day))
    return f"{what}{because}: {years(kept.years)} {since}, so until {said(kept.until - timedelta(days=1))}."


def years(number: int) -> str:
    """With the word."""
    return "1 year" if number == 1 else f"{number} years"


def said(day: date) -> str:
    """A day as people here write it."""
    return f"{day.day} {day:%B %Y}"


def _as(variant: str) -> str:
    if variant == AFTER_DEATH:
        return " (after a death)"
    return f" ({variant.replace('-', ' ')})" if variant else ""
