"""Laws of the subject access clock, over any request."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.access_request import Question, State, Timeline, Wanted, clock

DAYS = st.dates(date(2026, 2, 5), date(2040, 12, 31))
HOLIDAYS = st.frozensets(DAYS, max_size=40)
STOPS = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 90)), max_size=4)


def questions(received: date, stops: list[tuple[int, int]]) -> tuple[Question, ...]:
    asked = [(received + timedelta(days=first), timedelta(days=length)) for first, length in stops]
    return tuple(Question(Wanted.CLARIFICATION, day, day + length) for day, length in asked)


@given(DAYS, HOLIDAYS, STOPS, st.booleans())
def test_it_is_due_on_a_working_day_never_sooner_than_28_days(
    received: date, holidays: frozenset[date], stops: list[tuple[int, int]], extended: bool
) -> None:
    """So the target of 28 days is always in time, and is never after the due day."""
    now = clock(Timeline(received, questions(received, stops), received if extended else None), holidays, received)
    assert now.due is not None
    assert now.target is not None
    assert now.due.weekday() < 5
    assert now.due not in holidays
    assert received + timedelta(days=28 + now.not_counted) <= now.due
    assert now.target <= now.due


@given(DAYS, HOLIDAYS, STOPS)
def test_another_stop_never_makes_it_due_sooner(
    received: date, holidays: frozenset[date], stops: list[tuple[int, int]]
) -> None:
    """Nor does a bank holiday, nor an extension."""
    dues = [
        clock(Timeline(received, questions(received, stops[:n])), holidays, received).due for n in range(len(stops) + 1)
    ]
    fewer = clock(Timeline(received, questions(received, stops)), frozenset(), received).due
    more = clock(Timeline(received, questions(received, stops), received), holidays, received).due
    known = [d for d in (fewer, *dues, more) if d is not None]
    assert known[1:] == sorted(known[1:])
    assert fewer is not None
    assert known[-2] >= fewer


@given(DAYS, DAYS, HOLIDAYS)
def test_who_asks_later_waits_no_shorter(one: date, other: date, holidays: frozenset[date]) -> None:
    """The due day grows with the day of receipt."""
    first, second = sorted((one, other))
    early, late = (clock(Timeline(day), holidays, day).due for day in (first, second))
    assert early is not None
    assert late is not None
    assert early <= late


@given(DAYS, HOLIDAYS, STOPS, st.integers(0, 400))
def test_a_day_is_in_time_or_late_and_never_both(
    received: date, holidays: frozenset[date], stops: list[tuple[int, int]], after: int
) -> None:
    """Finishing on a day is in time just where the same day was not overdue while it ran."""
    asked, day = questions(received, stops), received + timedelta(days=after)
    running = clock(Timeline(received, asked), holidays, day)
    ended = clock(Timeline(received, asked, finished=day), holidays, day)
    assert (ended.state is State.TOO_LATE) == (running.state is State.OVERDUE)
