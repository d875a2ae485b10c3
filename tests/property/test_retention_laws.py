"""Laws of retention: adding never shortens; every record has an answer; later events, later days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from config.retention import load
from domain.model import Category
from domain.retention import begins, day_of, kept_until, retain_until
from domain.retention_reckoning import ClassFacts, Life, RecordFacts, Stay, reckon

SCHEDULE = load(Path("config/retention.toml"))
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
MAYBE = st.none() | DAYS
STAYS = st.builds(
    lambda a, long: Stay(a, None if long is None else a + timedelta(long)), DAYS, st.none() | st.integers(0, 9000)
)
LIVES = st.builds(
    Life, st.lists(STAYS, max_size=3).map(tuple), left_on=MAYBE, died_on=MAYBE, contact_on=MAYBE,
    known=st.integers(0, 9).map(bool),
)  # fmt: skip
VARIANTS = {name: ["", *period.marks] for name, period in SCHEDULE.items()}


@st.composite
def class_facts(draw, name):
    return ClassFacts(draw(st.sampled_from(VARIANTS[name])), draw(MAYBE))


@st.composite
def records(draw):
    names = draw(st.sets(st.sampled_from(sorted(SCHEDULE)), min_size=1, max_size=4))
    people = draw(st.sets(st.sampled_from(["ann", "ben", "cat"])))
    return RecordFacts({n: draw(class_facts(n)) for n in names}, draw(DAYS), frozenset(people))


PEOPLE = st.fixed_dictionaries({}, optional=dict.fromkeys(("ann", "ben", "cat"), LIVES))


def until(record, lives):
    """The day; the end of time where there is none."""
    return reckon(record, lives, SCHEDULE)[0].until or date.max


@given(records(), PEOPLE)
def test_every_record_has_an_answer(record, lives):
    """Total: a rule, an event, and a day or the reason why there is none; never within the shortest period."""
    found = reckon(record, lives, SCHEDULE)[0]
    assert (found.until is None) == (found.day is None)
    assert found.until is None or found.until == kept_until(found.day, found.years) > kept_until(record.used_on, 1)


@given(records(), PEOPLE, st.sampled_from(sorted(SCHEDULE)))
def test_another_class_never_makes_it_earlier(record, lives, name):
    """The longest wins."""
    more = replace(record, classes={name: ClassFacts()} | dict(record.classes))
    assert until(record, lives) <= until(more, lives)


@given(records(), PEOPLE, st.sampled_from(["ann", "ben", "cat"]))
def test_another_person_never_makes_it_earlier(record, lives, person):
    """Of those whom a record is about."""
    assume(record.people)
    assert until(record, lives) <= until(replace(record, people=record.people | {person}), lives)


@given(records(), PEOPLE, st.sampled_from(["ann", "ben", "cat"]), DAYS)
def test_a_later_contact_never_makes_it_earlier(record, lives, person, day):
    """Reuse restarts."""
    assume(person in lives)
    contact = max(day, lives[person].contact_on or day)
    later = lives | {person: replace(lives[person], contact_on=contact)}
    assert until(record, lives) <= until(record, later)


@given(records(), PEOPLE, DAYS)
def test_another_use_never_makes_it_earlier(record, lives, day):
    """The same mail, filed again."""
    assert until(record, lives) <= until(replace(record, used_on=max(day, record.used_on)), lives)


@given(records(), PEOPLE, st.sampled_from(["ann", "ben", "cat"]), STAYS)
def test_another_placement_never_makes_it_earlier(record, lives, person, stay):
    """Somebody who comes back is in care again."""
    assume(person in lives)
    assume(lives[person].stays)  # the first placement turns «not placed yet» into one that may have ended
    back = lives | {person: replace(lives[person], stays=(*lives[person].stays, stay))}
    assert until(record, lives) <= until(record, back)


@given(records(), PEOPLE, st.sampled_from(["left_on", "died_on"]), st.integers(1, 5000))
def test_a_later_leaving_or_death_never_makes_it_earlier(record, lives, what, days):
    """Nor does a placement that ended later."""
    later = {
        ref: replace(life, **{what: getattr(life, what) and getattr(life, what) + timedelta(days)})
        for ref, life in lives.items()
    }
    assert until(record, lives) <= until(record, later)


@given(records(), PEOPLE, st.integers(1, 3000))
def test_a_case_closed_later_is_kept_longer(record, lives, days):
    """Or as long."""
    moved = {
        name: replace(facts, closed_on=facts.closed_on and facts.closed_on + timedelta(days))
        for name, facts in record.classes.items()
    }
    assert until(record, lives) <= until(replace(record, classes=moved), lives)


@given(st.sets(st.sampled_from(Category)), DAYS, LIVES)
def test_what_is_reckoned_is_never_earlier_than_the_guess_on_filing(categories, day, life):
    """Except by a death, for which the schedule has a rule of its own."""
    assume(life.died_on is None)
    record = RecordFacts({c.value: ClassFacts() for c in categories}, day, frozenset({"ann"}))
    assert day_of(retain_until(categories, begins(day), SCHEDULE)) <= until(record, {"ann": life})
