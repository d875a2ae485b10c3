"""The clock of a breach, and what has to be done before it can be closed (UK GDPR Art. 33, 34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident import LIMIT, Account, Duty, Incident, Risk, State, clock, duties, missing

FRIDAY = datetime(2026, 12, 25, 16, tzinfo=UTC)
WRITTEN = Account(nature="a letter went to another carer", consequences="distress", measures="asked to delete it")
FOUND = Incident(FRIDAY, account=WRITTEN)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "state"),
    [(0, State.RUNNING), (48, State.RUNNING), (48.1, State.SOON), (72, State.SOON), (72.01, State.OVERDUE)],
)
def test_seventy_two_hours_over_christmas(hours: float, state: State) -> None:
    """Nights, weekends and bank holidays count."""
    stands = clock(FOUND, FRIDAY + HOUR * hours)
    assert stands.state is state
    assert stands.due == datetime(2026, 12, 28, 16, tzinfo=UTC)
    assert stands.left == HOUR * 72 - HOUR * hours


@pytest.mark.parametrize(("hours", "state"), [(72, State.REPORTED), (73, State.REPORTED_LATE)])
def test_the_clock_stops_with_the_report(hours: int, state: State) -> None:
    told = replace(FOUND, reported_at=FRIDAY + HOUR * hours, risk=Risk.LIKELY)
    stands = clock(told, FRIDAY + HOUR * 1000)
    assert stands.state is state
    assert stands.left is None
    assert (Duty.EXPLAIN_DELAY in stands.duties) is (state is State.REPORTED_LATE)
    assert clock(replace(told, late_because="found on Monday"), FRIDAY).duties == ()


def test_unreported_only_where_a_risk_is_unlikely_and_the_reason_is_kept() -> None:
    """A reason alone stops no clock, nor does a judgement alone."""
    for half in (replace(FOUND, not_reported_because="x"), replace(FOUND, risk=Risk.UNLIKELY)):
        assert clock(half, FRIDAY + LIMIT + HOUR).state is State.OVERDUE
    whole = replace(FOUND, risk=Risk.UNLIKELY, not_reported_because="it was encrypted to a key that nobody else has")
    assert clock(whole, FRIDAY + LIMIT + HOUR).state is State.NOT_REPORTABLE
    assert duties(whole) == ()


def test_what_nobody_has_judged_counts_as_a_risk() -> None:
    assert duties(FOUND) == (Duty.JUDGE, Duty.REPORT)
    assert duties(replace(FOUND, risk=Risk.LIKELY)) == (Duty.REPORT,)
    assert duties(replace(FOUND, risk=Risk.UNLIKELY)) == (Duty.GIVE_REASON,)


def test_the_people_are_told_where_the_risk_is_high() -> None:
    """Or there is a reason of Art. 34(3) why not."""
    high = replace(FOUND, risk=Risk.HIGH, reported_at=FRIDAY)
    assert duties(high) == (Duty.TELL_PEOPLE,)
    assert duties(replace(high, people_told_at=FRIDAY)) == ()
    assert duties(replace(high, people_not_told_because="out of proportion: a notice was put up")) == ()


def test_facts_effects_and_remedy_are_written_of_every_breach() -> None:
    bare = Incident(FRIDAY, risk=Risk.UNLIKELY, not_reported_because="it never left")
    assert duties(bare) == (Duty.DESCRIBE, Duty.EFFECTS, Duty.REMEDY)


def test_what_the_commissioner_asks_and_nobody_knows_yet() -> None:
    """No people is a number; no answer is none."""
    assert missing(WRITTEN) == ("people_kinds", "people_number", "record_kinds", "record_number", "contact")
    assert "people_number" not in missing(replace(WRITTEN, people_number=0))


@pytest.mark.parametrize("field", ["reported_at", "people_told_at"])
def test_nobody_is_told_before_it_is_known(field: str) -> None:
    with pytest.raises(ValueError, match="before we are aware"):
        Incident(FRIDAY, **{field: FRIDAY - HOUR})


moments = st.datetimes(datetime(2026, 12, 26), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
texts = st.sampled_from(["", "because"])


@given(
    incident=st.builds(
        Incident, aware_at=st.just(FRIDAY), risk=st.sampled_from(Risk), account=st.builds(Account, nature=texts),
        reported_at=st.none() | moments, late_because=texts, not_reported_because=texts,
        people_told_at=st.none() | moments, people_not_told_because=texts,
    ),
    now=moments,
)  # fmt: skip
def test_nothing_that_may_be_a_risk_is_ever_done_unreported(incident: Incident, now: datetime) -> None:
    """No such duty left means reported, or judged unlikely with a reason; a clock that runs has an end."""
    stands = clock(incident, now)
    if not {Duty.JUDGE, Duty.REPORT, Duty.GIVE_REASON} & set(stands.duties):
        assert incident.reported_at or (incident.risk is Risk.UNLIKELY and incident.not_reported_because)
    assert (stands.left is None) is (stands.state in {State.REPORTED, State.REPORTED_LATE, State.NOT_REPORTABLE})
