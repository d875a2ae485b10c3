"""The clock of a request in words that people read (domain/access_words.py)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.access_request import Clock, Question, State, Timeline, Wanted, clock
from domain.access_words import left, pressing, shown, told_by_clock

CAME = date(2026, 3, 2)
NONE: frozenset[date] = frozenset()


def said(today: date, *questions: Question, extended: date | None = None, finished: date | None = None) -> list[str]:
    return list(told_by_clock(clock(Timeline(CAME, questions, extended, finished), NONE, today), today))


def test_what_is_said_on_the_way() -> None:
    lines = said(CAME + timedelta(days=3))
    assert lines[0].startswith("It is due on Thursday 2 April 2026 at the latest. 28 days left.")
    assert "Our own target is Monday 30 March 2026" in lines[1]
    assert "can be told until Thursday 2 April 2026" in lines[2]
    assert "1 day left." in said(date(2026, 4, 1))[0]
    assert "is due today" in said(date(2026, 4, 2))[0]
    assert "target was" in said(date(2026, 4, 2))[1]


def test_past_the_target_past_the_end_extended_waiting_and_done() -> None:
    late = Clock(State.LATE_TARGET, CAME, CAME, CAME, CAME + timedelta(days=40), days_left=20)
    lines = list(told_by_clock(late, CAME + timedelta(days=20)))
    assert "Our own target of 28 days is past." in lines[0]
    assert len(lines) == 2, "too late to be extended"
    assert said(date(2026, 4, 4))[0].startswith("OVERDUE by 2 days: it was due on")
    asked = Question(Wanted.CLARIFICATION, date(2026, 3, 5))
    assert said(date(2026, 3, 9), asked)[0].startswith("The clock stands still")
    assert said(date(2026, 3, 9), Question(Wanted.IDENTIFICATION, date(2026, 3, 5)))[0].startswith("The clock has not")
    answered = Question(Wanted.CLARIFICATION, date(2026, 3, 5), date(2026, 3, 6))
    assert "2 days did not count" in " ".join(said(date(2026, 3, 9), answered))
    assert "extended by two months" in " ".join(said(date(2026, 3, 9), extended=date(2026, 3, 8)))
    assert "in time" in said(date(2026, 6, 1), finished=date(2026, 3, 20))[0]
    assert "1 day late" in said(date(2026, 6, 1), finished=date(2026, 4, 3))[0]


@pytest.mark.parametrize(
    ("stands", "words"),
    [
        (Clock(State.STOPPED), "stopped"),
        (Clock(State.IN_TIME, days_left=3), "answered in time"),
        (Clock(State.OVERDUE, days_left=-1), "OVERDUE by 1 day"),
        (Clock(State.SOON, days_left=2), "due soon: 2 days left"),
    ],
)
def test_how_much_is_left_in_a_few_words(stands: Clock, words: str) -> None:
    assert left(stands) == words


def test_the_most_pressing_comes_first_and_what_is_done_last() -> None:
    late, soon, stopped = Clock(State.OVERDUE, days_left=-1), Clock(State.SOON, days_left=2), Clock(State.STOPPED)
    done = Clock(State.IN_TIME, days_left=-9)
    assert sorted([done, stopped, soon, late], key=pressing) == [late, soon, stopped, done]
    assert shown(None) == "not known yet"
