"""The clock of a subject access request: the ICO's examples, and what Art. 12A says in days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.access_request import Question, State, Timeline, Wanted, clock, may_be_extended, next_working_day

NO_HOLIDAYS: frozenset[date] = frozenset()
EASTER_2026 = frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4)})
CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})


def ask(asked: str, answered: str | None = None, wanted: Wanted = Wanted.CLARIFICATION) -> Question:
    return Question(wanted, date.fromisoformat(asked), date.fromisoformat(answered) if answered else None)


@pytest.mark.parametrize(
    ("received", "due", "holidays"),
    [
        ("2024-09-03", "2024-10-03", NO_HOLIDAYS),  # ICO: "3 September ... until 3 October"
        ("2026-03-31", "2026-04-30", EASTER_2026),  # ICO: 31 March, no 31 April, so the last day of April
        ("2026-01-30", "2026-03-02", NO_HOLIDAYS),  # clamped to 28 February, a Saturday: Monday
        ("2024-01-31", "2024-02-29", NO_HOLIDAYS),  # a leap year
        ("2026-11-25", "2026-12-29", CHRISTMAS),  # Christmas Day, a weekend, a substitute day
        ("2026-12-01", "2027-01-04", CHRISTMAS),  # over the year's end, New Year's Day, a weekend
        ("2026-03-03", "2026-04-07", EASTER_2026),  # Good Friday to Easter Monday
        ("2026-08-01", "2026-09-01", NO_HOLIDAYS),  # received on a Saturday: it counts from that day all the same
    ],
)
def test_a_calendar_month_to_the_corresponding_day(received: str, due: str, holidays: frozenset[date]) -> None:
    """Whatever weekday it came in; clamped to the month's end, rolled over days on which nobody works."""
    day = date.fromisoformat(received)
    assert clock(Timeline(day), holidays, day).due == date.fromisoformat(due)


def test_an_extension_counts_three_months_from_the_start() -> None:
    """ICO: "calculate the extension as three months from the original start date"."""
    told = Timeline(date(2026, 3, 3), extended=date(2026, 4, 3))
    now = clock(told, EASTER_2026, date(2026, 4, 10))
    assert (now.due, now.extended, now.state) == (date(2026, 6, 3), True, State.RUNNING)


def test_an_extension_told_after_the_first_month_is_none() -> None:
    """Art. 12A(4)(a): and the weekend at the month's end does not make it later."""
    told = Timeline(date(2026, 3, 4), extended=date(2026, 4, 5))
    now = clock(told, NO_HOLIDAYS, date(2026, 4, 10))
    assert (now.extended, now.due, now.state) == (False, date(2026, 4, 6), State.OVERDUE)


def test_clarification_stops_the_clock_from_the_day_asked_to_the_day_answered() -> None:
    """Art. 12A(5): both days included, so 5 to 14 March are ten days."""
    now = clock(Timeline(date(2026, 3, 2), (ask("2026-03-05", "2026-03-14"),)), NO_HOLIDAYS, date(2026, 3, 20))
    assert (now.not_counted, now.due, now.target) == (10, date(2026, 4, 13), date(2026, 4, 9))
    assert now.tell_by == date(2026, 4, 12)


def test_two_questions_at_once_stop_it_once() -> None:
    questions = (ask("2026-03-05", "2026-03-14"), ask("2026-03-10", "2026-03-16"))
    assert clock(Timeline(date(2026, 3, 2), questions), NO_HOLIDAYS, date(2026, 3, 20)).not_counted == 12


def test_a_question_asked_when_the_time_was_over_stops_nothing() -> None:
    late = Timeline(date(2026, 3, 2), (ask("2026-04-03", "2026-05-01"),))
    now = clock(late, NO_HOLIDAYS, date(2026, 5, 2))
    assert (now.not_counted, now.due, now.state) == (0, date(2026, 4, 2), State.OVERDUE)


@pytest.mark.parametrize("wanted", list(Wanted))
@pytest.mark.parametrize("answered", ["", "2026-05-01"])
def test_a_question_that_came_too_late_does_not_hide_that_it_is_overdue(wanted: Wanted, answered: str) -> None:
    """Whatever was asked, and whether it is answered: nobody stops or restarts a clock that has run out."""
    late = Timeline(date(2026, 3, 2), (ask("2026-04-03", answered, wanted),))
    now = clock(late, NO_HOLIDAYS, date(2026, 5, 2))
    assert (now.started, now.due, now.state) == (date(2026, 3, 2), date(2026, 4, 2), State.OVERDUE)


def test_a_question_asked_while_another_was_awaited_counts() -> None:
    """The time was not over then: it stood still."""
    questions = (ask("2026-03-05", "2026-06-30"), ask("2026-05-05", "2026-07-02"))
    assert clock(Timeline(date(2026, 3, 2), questions), NO_HOLIDAYS, date(2026, 7, 3)).not_counted == 120


def test_while_an_answer_is_awaited_nothing_is_due() -> None:
    now = clock(Timeline(date(2026, 3, 2), (ask("2026-03-05"),)), NO_HOLIDAYS, date(2026, 9, 1))
    assert (now.state, now.since, now.due, now.days_left) == (State.STOPPED, date(2026, 3, 5), None, None)


def test_it_starts_when_it_is_known_who_asks() -> None:
    """Art. 12A(2)(b): a month from that answer, and an earlier question about scope has stopped nothing by then."""
    who = ask("2026-03-03", "2026-03-12", Wanted.IDENTIFICATION)
    scope = ask("2026-03-03", "2026-03-12")
    now = clock(Timeline(date(2026, 3, 2), (who, scope)), NO_HOLIDAYS, date(2026, 3, 13))
    assert (now.started, now.not_counted, now.due) == (date(2026, 3, 12), 1, date(2026, 4, 13))


def test_until_then_it_has_not_started() -> None:
    who = ask("2026-03-03", wanted=Wanted.IDENTIFICATION)
    now = clock(Timeline(date(2026, 3, 2), (ask("2026-03-04"), who)), NO_HOLIDAYS, date(2026, 3, 13))
    assert (now.state, now.started) == (State.UNIDENTIFIED, None)


@pytest.mark.parametrize(
    ("today", "state", "left"),
    [
        ("2026-03-02", State.RUNNING, 31),
        ("2026-03-25", State.RUNNING, 8),
        ("2026-03-26", State.SOON, 7),
        ("2026-04-02", State.SOON, 0),
        ("2026-04-03", State.OVERDUE, -1),
    ],
)
def test_how_it_stands_day_by_day(today: str, state: State, left: int) -> None:
    now = clock(Timeline(date(2026, 3, 2)), NO_HOLIDAYS, date.fromisoformat(today))
    assert (now.state, now.days_left) == (state, left)


def test_past_our_own_target_while_there_is_time_still() -> None:
    """28 days are over, and Easter makes the due day late enough that it is not soon."""
    long = frozenset(date(2026, 4, 1) + timedelta(days=n) for n in range(10))
    assert clock(Timeline(date(2026, 3, 2)), long, date(2026, 3, 31)).state is State.LATE_TARGET


@pytest.mark.parametrize(("finished", "state"), [(date(2026, 4, 2), State.IN_TIME), (date(2026, 4, 3), State.TOO_LATE)])
def test_once_answered_it_stays_as_it_was(finished: date, state: State) -> None:
    """Whatever the day it is looked at, and though a question was never answered."""
    done = Timeline(date(2026, 3, 2), (ask("2026-03-09"),), finished=finished)
    assert clock(done, NO_HOLIDAYS, date(2027, 1, 1)).state is state


def test_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="before the question"):
        ask("2026-03-05", "2026-03-04")
    with pytest.raises(ValueError, match="before it is received"):
        Timeline(date(2026, 3, 2), finished=date(2026, 3, 1))


def test_whether_it_may_still_be_extended() -> None:
    """To the last day of the first month; at any time while the clock stands; never twice, never when done."""
    plain = Timeline(date(2026, 3, 2))
    assert may_be_extended(plain, NO_HOLIDAYS, date(2026, 4, 2))
    assert not may_be_extended(plain, NO_HOLIDAYS, date(2026, 4, 3))
    assert may_be_extended(Timeline(date(2026, 3, 2), (ask("2026-03-09"),)), NO_HOLIDAYS, date(2026, 6, 1))
    told = Timeline(date(2026, 3, 2), extended=date(2026, 3, 9))
    assert not may_be_extended(told, NO_HOLIDAYS, date(2026, 3, 10))
    assert not may_be_extended(Timeline(date(2026, 3, 2), finished=date(2026, 3, 9)), NO_HOLIDAYS, date(2026, 3, 10))


def test_the_next_working_day() -> None:
    assert next_working_day(date(2026, 4, 3), EASTER_2026) == date(2026, 4, 7)
    assert next_working_day(date(2026, 4, 8), EASTER_2026) == date(2026, 4, 8)
