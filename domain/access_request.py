"""The clock of a subject access request (UK GDPR Art. 12 and 12A, the latter in force from 5 February 2026).

One calendar month from the relevant time (Art. 12A(2): receipt, or the answer about who is asking, if later), to the
corresponding day, clamped to the month's end, and rolled over weekends and bank holidays (ICO, "Right of access").
Two months more where it is complex and the person was told within the first month (Art. 12A(3) and (4)). From the day
on which clarification is asked to the day on which it comes, both included, nothing counts (Art. 12A(5)).

Days are days here (``domain.here``). Bank holidays are an argument; so is today.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

TARGET_DAYS = 28
"""The service's own target: within a month whatever the month (ICO, the same page)."""
_SOON = 7
_DAY = timedelta(days=1)
_SATURDAY = 5


class Wanted(StrEnum):
    """What the person was asked for before their request can be answered."""

    CLARIFICATION = "clarification"  # stops the clock: Art. 12A(5)
    IDENTIFICATION = "identification"  # starts it: Art. 12(6), 12A(2)(b)


class State(StrEnum):
    """How a request stands today."""

    UNIDENTIFIED = "waiting to know who is asking"
    STOPPED = "stopped"
    RUNNING = "running"
    SOON = "due soon"
    LATE_TARGET = "past our own target"
    OVERDUE = "overdue"
    IN_TIME = "answered in time"
    TOO_LATE = "answered late"


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the person was asked on a day, and the day of the answer; None while it is awaited."""

    wanted: Wanted
    asked: date
    answered: date | None = None

    def __post_init__(self) -> None:
        if self.answered is not None and self.answered < self.asked:
            raise ValueError("the answer cannot come before the question")


@dataclass(frozen=True, slots=True)
class Timeline:
    """What has happened to one request. ``extended`` is the day on which the person was told of two months more."""

    received: date
    questions: tuple[Question, ...] = ()
    extended: date | None = None
    finished: date | None = None

    def __post_init__(self) -> None:
        days = [*(q.asked for q in self.questions), self.extended, self.finished]
        if any(day is not None and day < self.received for day in days):
            raise ValueError("nothing happens to a request before it is received")


@dataclass(frozen=True, slots=True)
class Clock:
    """A request's days. ``started``, ``target``, ``due`` and ``tell_by`` are None while they cannot be known.

    ``due`` is the last day in time. ``tell_by`` is the last day on which an extension may be told; it is not rolled
    over a weekend, which is the careful reading. ``not_counted`` are days; ``since`` is when it was stopped.
    """

    state: State
    started: date | None = None
    target: date | None = None
    tell_by: date | None = None
    due: date | None = None
    not_counted: int = 0
    since: date | None = None
    extended: bool = False
    days_left: int | None = None


def clock(timeline: Timeline, holidays: Collection[date], today: date) -> Clock:
    """How the request stands at the end of ``today``. Total."""
    timeline = replace(timeline, questions=_asked_in_time(timeline, holidays))
    open_question = next((q for q in timeline.questions if q.answered is None), None)
    if open_question is not None and timeline.finished is None:
        return _waiting(timeline, open_question)
    started = relevant_time(timeline)
    not_counted = _not_counted(timeline, started)
    tell_by = _months_on(started, 1) + _DAY * not_counted
    extended = timeline.extended is not None and timeline.extended <= tell_by
    due = _due(started, not_counted, holidays, extended=extended)
    target = min(started + _DAY * (TARGET_DAYS + not_counted), due)
    judged = timeline.finished or today
    return Clock(
        state=_state(timeline, target, due, judged, extended=extended),
        started=started,
        target=target,
        tell_by=tell_by,
        due=due,
        not_counted=not_counted,
        extended=extended,
        days_left=(due - judged).days,
    )


def relevant_time(timeline: Timeline) -> date:
    """Art. 12A(2): the receipt of the request, or of what was asked in order to know who is asking, if later."""
    answers = [q.answered for q in timeline.questions if q.wanted is Wanted.IDENTIFICATION and q.answered]
    return max([timeline.received, *answers])


def next_working_day(day: date, holidays: Collection[date]) -> date:
    """The same day, or the next that is no Saturday, Sunday or bank holiday."""
    while day.weekday() >= _SATURDAY or day in holidays:
        day += _DAY
    return day


def may_be_extended(timeline: Timeline, holidays: Collection[date], today: date) -> bool:
    """Whether two months more can still be told today (Art. 12A(4)(a))."""
    now = clock(timeline, holidays, today)
    return timeline.finished is None and not now.extended and (now.tell_by is None or today <= now.tell_by)


def _waiting(timeline: Timeline, question: Question) -> Clock:
    identifying = any(q.wanted is Wanted.IDENTIFICATION and q.answered is None for q in timeline.questions)
    return Clock(
        State.UNIDENTIFIED if identifying else State.STOPPED,
        since=question.asked,
        extended=timeline.extended is not None,
    )


def _state(timeline: Timeline, target: date, due: date, judged: date, *, extended: bool) -> State:
    if timeline.finished is not None:
        return State.IN_TIME if judged <= due else State.TOO_LATE
    if judged > due:
        return State.OVERDUE
    if due - judged <= _DAY * _SOON:
        return State.SOON
    return State.LATE_TARGET if judged > target and not extended else State.RUNNING


def _asked_in_time(timeline: Timeline, holidays: Collection[date]) -> tuple[Question, ...]:
    """Without those that were asked when the time was over: they stop nothing, whether they are answered or not."""
    kept: tuple[Question, ...] = ()
    for question in sorted(timeline.questions, key=lambda q: q.asked):
        so_far = replace(timeline, questions=kept)
        started = relevant_time(so_far)
        due = _due(started, _not_counted(so_far, started), holidays, extended=timeline.extended is not None)
        if question.asked > due and all(q.answered for q in kept):
            break
        kept += (question,)
    return kept


def _not_counted(timeline: Timeline, started: date) -> int:
    """Days from a question about scope to its answer, both included, each once; none before the clock starts."""
    stopped: set[date] = set()
    for question in timeline.questions:
        last = question.answered
        if question.wanted is not Wanted.CLARIFICATION or last is None:
            continue
        first = max(question.asked, started)
        stopped |= {first + _DAY * n for n in range((last - first).days + 1)}
    return len(stopped)


def _due(started: date, not_counted: int, holidays: Collection[date], *, extended: bool) -> date:
    return next_working_day(_months_on(started, 3 if extended else 1) + _DAY * not_counted, holidays)


def _months_on(day: date, months: int) -> date:
    """The corresponding day of a later month, or that month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))
