"""Who has parted from whom, and since when: the pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.leaving import (
    LOOKS_BACK,
    MOST_REMINDERS,
    REMINDED_AFTER,
    Copies,
    Leaving,
    Papers,
    Stay,
    Why,
    is_all_gone,
    is_reminded,
    leavings,
)

TODAY = date(2026, 11, 30)
YESTERDAY = TODAY - timedelta(days=1)
LONG_AGO = date(2020, 1, 1)


def stay(starts: date | None = LONG_AGO, ends: date | None = YESTERDAY, *, left: bool = False) -> Stay:
    return Stay("C-1", "p-ann", starts, ends, left)


def test_what_ended_yesterday_is_a_parting_and_says_why() -> None:
    assert leavings([stay()], TODAY) == [Leaving("C-1", "p-ann", Why.PLACEMENT, YESTERDAY, LONG_AGO)]
    assert leavings([stay(left=True)], TODAY) == [Leaving("C-1", "p-ann", Why.LEFT, YESTERDAY, LONG_AGO)]


@pytest.mark.parametrize(
    "stays",
    [
        [stay(ends=None)],
        [stay(ends=TODAY)],  # the last day is theirs
        [stay(), stay(starts=YESTERDAY, ends=None)],  # it went on
        [stay(), stay(starts=None, ends=None)],
        [stay(ends=TODAY - LOOKS_BACK - timedelta(days=1))],  # history
        [stay(starts=TODAY + timedelta(days=1), ends=None)],  # it has not begun
        [],
    ],
)
def test_who_is_still_there_or_left_long_ago_is_none(stays: list[Stay]) -> None:
    assert leavings(stays, TODAY) == []


def test_one_that_is_to_come_does_not_hide_one_that_ended() -> None:
    assert leavings([stay(), stay(starts=TODAY + timedelta(days=9), ends=None)], TODAY)


def test_of_several_times_the_last_counts() -> None:
    (found,) = leavings([stay(ends=YESTERDAY - timedelta(days=30), left=True), stay(starts=None)], TODAY)
    assert (found.ended, found.began, found.why) == (YESTERDAY, None, Why.PLACEMENT)


@pytest.mark.parametrize("papers", Papers)
@pytest.mark.parametrize("copies", Copies)
def test_all_is_gone_where_nothing_is_left_of_either(papers: Papers, copies: Copies) -> None:
    assert is_all_gone(papers, copies) is (Papers.SOME is not papers and copies is not Copies.SOME)


def test_who_has_not_signed_is_reminded_each_week_and_not_for_ever() -> None:
    now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    week_ago, before = now - REMINDED_AFTER, now - 2 * REMINDED_AFTER
    assert not is_reminded([], now)
    assert is_reminded([week_ago], now)
    assert is_reminded([before, week_ago], now)
    assert not is_reminded([before, week_ago + timedelta(seconds=1)], now)
    assert not is_reminded([before] * (MOST_REMINDERS + 1), now)
