"""The clock of a request in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.access_request import Clock, State

DONE = frozenset({State.IN_TIME, State.TOO_LATE})


def days(number: int) -> str:
    """A number of days in words."""
    return "1 day" if number == 1 else f"{number} days"


def shown(day: date | None) -> str:
    """A day as people here read it."""
    return f"{day:%A} {day.day} {day:%B %Y}" if day else "not known yet"


def pressing(clock: Clock) -> tuple[bool, int]:
    """Sorts the most pressing first, and what is done last."""
    return clock.state in DONE, clock.days_left if clock.days_left is not None else 10_000


def left(clock: Clock) -> str:
    """How much time there is, in a few words."""
    if clock.days_left is None or clock.state in DONE:
        return clock.state.value
    if clock.state is State.OVERDUE:
        return f"OVERDUE by {days(-clock.days_left)}"
    return f"{clock.state.value}: {days(clock.days_left)} left"


def told_by_clock(clock: Clock, today: date) -> Iterator[str]:
    """What it says today, a sentence a line."""
    yield _standing(clock)
    if clock.state in {State.UNIDENTIFIED, State.STOPPED, State.IN_TIME, State.TOO_LATE}:
        return
    target = "was" if clock.target is not None and clock.target < today else "is"
    yield f"The clock started on {shown(clock.started)}. Our own target {target} {shown(clock.target)}."
    if clock.not_counted:
        yield f"{days(clock.not_counted).capitalize()} did not count, while an answer was awaited."
    if clock.extended:
        yield "It was extended by two months, and the person was told."
    elif clock.tell_by and today <= clock.tell_by:
        yield f"If it is complex, the person can be told until {shown(clock.tell_by)} that it takes two months more."


def _standing(clock: Clock) -> str:
    left = clock.days_left or 0
    if clock.state is State.UNIDENTIFIED:
        return f"The clock has not started: since {shown(clock.since)} we wait to know who is asking."
    if clock.state is State.STOPPED:
        return f"The clock stands still: since {shown(clock.since)} we wait for the person's clarification."
    if clock.state in {State.IN_TIME, State.TOO_LATE}:
        late = f", {days(-left)} late" if clock.state is State.TOO_LATE else ", in time"
        return f"It was finished{late}; it was due on {shown(clock.due)}."
    if clock.state is State.OVERDUE:
        return f"OVERDUE by {days(-left)}: it was due on {shown(clock.due)}. Answer it now, and tell the person why."
    today = " It is due today." if left == 0 else f" {days(left)} left."
    past = " Our own target of 28 days is past." if clock.state is State.LATE_TARGET else ""
    return f"It is due on {shown(clock.due)} at the latest.{today}{past}"
