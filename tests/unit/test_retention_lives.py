"""What retention is told of people's lives: the register's rows as they stand, and the worker's piecewise work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from cli.jobs import JOBS
from cli.jobs import retention as job
from config.settings import Settings
from domain.errors import RegisterUnavailable
from domain.retention_reckoning import Life, Stay
from register import care
from register.models import Household, Person, PersonName, Placement
from register.recording.lives import end_placement, record_death
from tests.fakes import FakeClock
from tests.support.retaining import HERE_NOW, put, record
from vault.models import RetentionPass, RetentionState, VaultObject
from vault.objects.local import LocalStore
from vault.retention import sweeping
from vault.retention.watching import watch

pytestmark = pytest.mark.usefixtures("database")
FILED = datetime(2020, 5, 1, 12, tzinfo=UTC)


def ann(**more):
    person = Person(council_id="SL-1", **more)
    person.save()
    return person


def placed(person, starts, ends=None, code="H-1"):
    home = Household.objects.filter(code=code).first() or Household(code=code)
    home.save()
    Placement(person=person, household=home, starts=starts, ends=ends).save()


def test_a_life_is_what_the_register_says_now():
    """Placements in their order, leaving, death; corrections count at once; strangers are left out."""
    person = ann(left_on=date(2021, 1, 31))
    placed(person, date(2022, 1, 1), code="H-2")
    placed(person, date(2018, 1, 1), date(2021, 1, 31))
    before = Stay(date(2018, 1, 1), date(2021, 1, 31))
    assert care.lives([person.ref, "p-stranger"]) == {
        person.ref: Life((before, Stay(date(2022, 1, 1), None)), date(2021, 1, 31))
    }
    end_placement("SL-1", "H-2", date(2023, 5, 5), HERE_NOW)
    record_death("SL-1", date(2024, 1, 1), HERE_NOW)
    stays = (before, Stay(date(2022, 1, 1), date(2023, 5, 5)))
    assert care.lives([person.ref])[person.ref] == Life(stays, date(2021, 1, 31), date(2024, 1, 1))


def known(council_id, name, born, **more):
    person = Person(council_id=council_id, date_of_birth=born, **more)
    person.save()
    PersonName(person=person, name=name, main=True).save()
    return person


def test_who_was_entered_twice_lives_once():
    """The same name and day of birth: care under one reference keeps what is filed under the other. Not namesakes."""
    born = date(1980, 1, 1)
    left = known("SL-1", "Ann Lee", born, left_on=date(2010, 1, 1), died_on=date(2010, 1, 1))
    again = known("SL-2", "ann lee", born)
    known("SL-3", "Ann Lee", date(1981, 1, 1), left_on=date(2020, 1, 1))
    known("SL-4", "Bob Lee", born, left_on=date(2020, 1, 1))
    alone = care.lives([left.ref])
    assert alone == {left.ref: Life(left_on=date(2010, 1, 1), died_on=date(2010, 1, 1))}
    placed(again, date(2021, 1, 1))
    assert care.lives([left.ref])[left.ref].ended() is None
    end_placement("SL-2", "H-1", date(2022, 1, 1), HERE_NOW)
    assert care.lives([left.ref])[left.ref].ended() == date(2022, 1, 1)
    assert care.lives([again.ref])[again.ref].ended() == date(2022, 1, 1)


def test_many_people_are_read_in_pieces(monkeypatch):
    """Far below what a database takes."""
    monkeypatch.setattr(care, "_AT_ONCE", 2)
    people = [Person(council_id=f"SL-{n}") for n in range(5)]
    for person in people:
        person.save()
    assert set(care.lives([p.ref for p in people])) == {p.ref for p in people}


def test_a_register_that_cannot_be_asked_is_said_so():
    """And nothing is assumed."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE register_placement RENAME TO elsewhere")
    try:
        with pytest.raises(RegisterUnavailable):
            care.lives(["p-1"])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO register_placement")


def test_the_worker_works_piece_by_piece(monkeypatch, tmp_path):
    """A run does so many batches and no more; the next goes on there; then there is nothing to do until tomorrow."""
    monkeypatch.setattr(sweeping, "BATCH", 2)
    monkeypatch.setattr(job, "_BATCHES", 2)
    person = ann()
    placed(person, date(2018, 1, 1))
    for n in range(7):
        record(FILED + timedelta(minutes=n), person.ref)
    settings = Settings(home=tmp_path)
    seen = []
    for minute in range(4):
        job.reckon(settings, HERE_NOW + timedelta(minutes=minute))
        seen.append(RetentionState.objects.count())
    assert seen == [4, 7, 7, 7]
    assert RetentionPass.objects.get().done_at == HERE_NOW + timedelta(minutes=2)
    assert {s.event for s in RetentionState.objects.all()} == {"care goes on"}


def test_the_worker_keeps_locks_and_tags(tmp_path):
    """By the settings' own store and length of lock."""
    settings = Settings(home=tmp_path)
    store = LocalStore(tmp_path / settings.vault.path, FakeClock(HERE_NOW))
    person = ann()
    placed(person, date(2018, 1, 1))
    row = record(FILED, person.ref)
    filed = put(row, store, HERE_NOW + timedelta(days=3))
    job.reckon(settings, HERE_NOW)
    job.keep_locks_and_tags(settings, HERE_NOW)
    assert store.stat(filed.key, filed.version).locked_until == HERE_NOW + timedelta(days=30)
    assert VaultObject.objects.get().locked_until == HERE_NOW + timedelta(days=30)
    assert store.tags(filed.key, filed.version)["retain-until"] == "open"
    assert {"retention", "locks and tags"} <= {name for name, _, _ in JOBS}


def said(now=HERE_NOW, lock=timedelta(days=30)):
    return list(watch(now, lock))


def test_the_check_says_whether_housekeeping_keeps_up(tmp_path):
    """Quiet on a first day; a pass three days late, or a lock that nobody extended, is a failure with advice."""
    store = LocalStore(tmp_path / "objects", FakeClock(HERE_NOW))
    nothing_short = (True, "no lock runs out within 7 days that should be longer")
    assert said() == [(True, "no record has been reckoned yet"), nothing_short]
    row = record(HERE_NOW - timedelta(days=4), classes=["incident"])
    assert said()[0] == (False, "no record has been reckoned yet; run: sallyport worker")
    job.reckon(Settings(home=tmp_path), HERE_NOW)
    assert said() == [(True, "records were reckoned last on 23 November 2026"), nothing_short]
    assert said(HERE_NOW + timedelta(days=4))[0][0] is False
    put(row, store, HERE_NOW + timedelta(days=8))
    assert said()[1] == nothing_short
    later = HERE_NOW + timedelta(days=1)
    short = "1 lock runs out within 7 days and should have been extended; run: sallyport retention sweep"
    assert said(later)[1] == (False, short)
    put(row, store, HERE_NOW + timedelta(hours=2), 1)
    assert said(lock=timedelta(days=1))[1][1].startswith("1 lock runs out within 6 hours")
    assert said(later)[1][1].startswith("2 locks run out within 7 days")
