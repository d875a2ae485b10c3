"""What has run out, asked afresh of rows and register."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import RegisterUnavailable
from domain.retention import begins, day_of
from domain.retention_reckoning import Event
from tests.support.retaining import HERE_NOW, IN_CARE, SCHEDULE, Told, gone, record
from vault.models import RetentionMark
from vault.retention import NoSuchRecord, Retention
from vault.retention import facts as reading_facts

pytestmark = pytest.mark.usefixtures("database")
OLD = datetime(2015, 5, 1, 12, tzinfo=UTC)


def asked(**lives):
    return Retention(Told(lives), SCHEDULE)


def run_out(retention, row, now=HERE_NOW):
    return retention.explain(row.id)[0].run_out(day_of(now))


def test_what_has_run_out_has_run_out():
    """Eight years after the end of care."""
    assert run_out(asked(ann=gone(date(2016, 1, 1))), record(OLD, "ann"))


def test_a_row_that_says_run_out_is_not_believed():
    """Ann is in care again: the row is of before."""
    row = record(OLD, "ann")
    assert not run_out(asked(ann=IN_CARE), row)
    assert asked(ann=IN_CARE).explain(row.id)[0].event is Event.CARE_GOES_ON


def test_a_new_mail_about_the_person_restarts_the_clock():
    """It is the last contact."""
    row, retention = record(OLD, "ann"), asked(ann=gone(date(2016, 1, 1)))
    assert run_out(retention, row)
    record(datetime(2025, 3, 3, 12, tzinfo=UTC), "ann", classes=["correspondence"])
    assert not run_out(retention, row)
    found = retention.explain(row.id)[0]
    assert (found.event, found.day, found.until) == (Event.LAST_CONTACT, date(2025, 3, 3), date(2033, 3, 4))


def test_a_mail_about_somebody_else_does_not():
    """Each person has a clock of their own."""
    row = record(OLD, "ann")
    record(HERE_NOW, "ben")
    assert run_out(asked(ann=gone(date(2016, 1, 1)), ben=IN_CARE), row)


def test_the_same_mail_filed_again_restarts_the_clock():
    """Though it was understood otherwise, and is another record."""
    row = record(OLD, classes=["correspondence"], digest="d" * 64)
    retention = asked()
    assert run_out(retention, row)
    record(HERE_NOW, classes=["correspondence"], digest="d" * 64, plan="2" * 64)
    assert not run_out(retention, row)


def test_somebody_whom_the_register_does_not_know_keeps_the_record():
    """Until somebody says who it was."""
    row = record(OLD, "ann")
    assert asked().explain(row.id)[0].event is Event.NOT_IN_THE_REGISTER
    assert not run_out(asked(), row)


def test_it_runs_out_at_midnight_here():
    """Not before the first moment of the day."""
    row = record(OLD, classes=["financial"])
    retention, when = asked(), begins(date(2022, 4, 1))
    assert not run_out(retention, row, when - timedelta(microseconds=1))
    assert run_out(retention, row, when)


def test_what_is_not_there_cannot_be_explained():
    """An id that no record has."""
    with pytest.raises(NoSuchRecord):
        asked().explain("0" * 26)


def test_without_the_register_nothing_has_run_out():
    """Fail closed."""
    row = record(OLD, "ann")
    with pytest.raises(RegisterUnavailable):
        Retention(Told(down=True), SCHEDULE).explain(row.id)


def test_the_newest_mark_of_a_class_stands():
    """Closed, closed on another day, reopened: the others are history."""
    row = record(OLD, classes=["incident"])
    said = []
    for closed_on in (None, date(2015, 6, 1), date(2017, 6, 1), None):
        RetentionMark.objects.create(record=row, record_class="incident", closed_on=closed_on, at=HERE_NOW, why="x")
        said.append(asked().explain(row.id)[0].until)
    assert said == [None, date(2025, 6, 2), date(2027, 6, 2), None]


def test_a_class_given_by_hand_can_be_taken_back():
    """Those of the filing cannot."""
    row = record(OLD, classes=["correspondence"])
    marks = [("carer-file", True), ("carer-file", False), ("correspondence", False)]
    found = []
    for name, counts in marks:
        RetentionMark.objects.create(record=row, record_class=name, counts=counts, at=HERE_NOW, why="x")
        found.append([k.record_class for k in asked().explain(row.id)])
    assert found == [["carer-file", "correspondence"], ["correspondence"], ["correspondence"]]


def test_lives_are_asked_for_once_and_memory_stays_bounded(monkeypatch):
    """However many records; beyond the bound those known longest are dropped, and asked for again."""
    for n in range(6):
        record(OLD + timedelta(hours=n), f"p{n}", "ann")
    told = Told({f"p{n}": gone(date(2016, 1, 1)) for n in range(6)} | {"ann": IN_CARE})
    monkeypatch.setattr(reading_facts, "PEOPLE", 3)
    known = reading_facts.KnownLives(told)
    for n in range(6):
        lives = known.of({f"p{n}", "ann"})
        assert lives["ann"].placed
        assert len(lives) <= 3
    assert told.asked == 6


def test_the_same_mail_is_looked_for_by_an_index():
    """Or each batch would read the whole table: the index knows filed records only."""
    from django.db import connection

    from vault import sql

    row = record(OLD, digest="d" * 64)
    assert reading_facts._last_used({row.digest: "0" * 26}) == {row.digest: OLD}
    if connection.vendor == "sqlite":
        found = sql.select("EXPLAIN QUERY PLAN " + reading_facts._NEWEST.format(sql.places([1])), ["d" * 64])
        assert "a_mail_is_filed_once" in str(found)
