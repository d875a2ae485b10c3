"""The pass over all records: rows, history, going on where it was broken off, two at once."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import close_old_connections, connection

from domain.errors import RegisterUnavailable, VaultUnavailable
from domain.retention import begins
from domain.retention_reckoning import Life
from tests.support.retaining import HERE_NOW, IN_CARE, SCHEDULE, Told, gone, record
from vault import audit
from vault.models import AuditEvent, RecordState, RetentionPass, RetentionState, VaultRecord
from vault.retention import Retention, sweeping
from vault.retention.marking import Saying, close
from vault.retention.sweeping import rehearse, sweep
from vault.retention.writing import OPEN

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)
FILED = datetime(2020, 5, 1, 12, tzinfo=UTC)


def swept(told, now=HERE_NOW, **more):
    """How many were seen, and the events that moved."""
    seen, moved = 0, Counter()
    for found in sweep(Retention(told, SCHEDULE), now, "worker", **more):
        seen += found.seen
        moved += found.moved
    return seen, dict(moved)


def state(row):
    found = RetentionState.objects.get(record=row)
    return found.record_class, found.event, found.until, found.person


def moves_of(row):
    return [audit.of_row(e) for e in AuditEvent.objects.filter(record=row.id, action="retention moved")]


def test_a_pass_writes_what_was_reckoned():
    """The state with rule and event, and the date in the record's own row."""
    open_, dated = record(FILED, "ann"), record(FILED, "ben")
    assert swept(Told({"ann": IN_CARE, "ben": gone(date(2021, 1, 1))})) == (2, {"care goes on": 1, "end of care": 1})
    assert state(open_) == ("assessment", "care goes on", None, "ann")
    assert state(dated) == ("assessment", "end of care", date(2029, 1, 2), "ben")
    rows = dict(VaultRecord.objects.values_list("id", "retain_until"))
    assert rows == {open_.id: OPEN, dated.id: begins(date(2029, 1, 2))}
    assert moves_of(dated) == []


def test_a_second_pass_changes_nothing():
    """And writes nothing."""
    row, told = record(FILED, "ann"), Told({"ann": IN_CARE})
    swept(told)
    before = RetentionState.objects.values().get()
    assert swept(told, HERE_NOW + DAY) == (1, {})
    assert RetentionState.objects.values().get() == before
    assert moves_of(row) == []


def test_each_move_is_in_the_audit_trail_with_what_was_before():
    """Placement end, contact, coming back, death, and a death that was entered wrong."""
    row, told = record(FILED, "ann", classes=["medical"]), Told()
    ended = gone(date(2021, 1, 1))
    lives = [IN_CARE, ended, Life((*ended.stays, *IN_CARE.stays)), Life(ended.stays, died_on=date(2022, 2, 2)), ended]
    for number, life in enumerate(lives):
        told.people = {"ann": life}
        swept(told, HERE_NOW + number * DAY)
    moved = [
        (e.details["before"]["event"], e.details["after"]["event"], e.details["after"]["until"]) for e in moves_of(row)
    ]
    assert moved == [
        ("care goes on", "end of care", "2041-01-02"),
        ("end of care", "care goes on", None),
        ("care goes on", "death", "2032-02-03"),
        ("death", "end of care", "2041-01-02"),
    ]
    assert all(e.leaf == audit.leaf_hash(audit.of_row(e)) for e in AuditEvent.objects.all())


def test_a_later_mail_moves_the_older_ones():
    """The clock of all that is about the person restarts."""
    row, told = record(FILED, "ann"), Told({"ann": gone(date(2021, 1, 1))})
    swept(told)
    record(datetime(2025, 3, 3, tzinfo=UTC), "ann", classes=["financial"])
    assert swept(told, HERE_NOW + DAY) == (2, {"last contact": 1, "end of financial year": 1})
    assert state(row)[2] == date(2033, 3, 4)


def test_the_next_pass_is_a_day_later():
    """Unless it is asked for."""
    told = Told({"ann": IN_CARE})
    swept(told)
    record(FILED, "ann")
    assert swept(told, HERE_NOW + timedelta(hours=19)) == (0, {})
    assert swept(told, HERE_NOW + timedelta(hours=19), anew=True) == (1, {"care goes on": 1})


def test_a_pass_that_was_broken_off_goes_on_where_it_was(monkeypatch):
    """Nothing twice, nothing left out; asked anew, all of it is reckoned with what is known then."""
    monkeypatch.setattr(sweeping, "BATCH", 2)
    rows = [record(FILED + timedelta(minutes=n), "ann") for n in range(5)]
    retention = Retention(Told({"ann": IN_CARE}), SCHEDULE)
    first = sweep(retention, HERE_NOW, "worker")
    next(first)
    first.close()
    assert RetentionPass.objects.get().after == rows[1].id
    assert [f.seen for f in sweep(retention, HERE_NOW + timedelta(hours=1), "worker")] == [2, 1]
    done = RetentionPass.objects.get()
    assert (done.after, done.done_at) == ("", HERE_NOW + timedelta(hours=1))
    assert RetentionState.objects.count() == 5
    again = sweep(retention, HERE_NOW + timedelta(hours=2), "worker", anew=True)
    next(again)
    again.close()
    assert [f.seen for f in sweep(retention, HERE_NOW + timedelta(hours=3), "worker", anew=True)] == [2, 2, 1]


def test_a_register_that_is_down_leaves_the_pass_for_later():
    """What was reckoned stays; nothing is written on a guess."""
    row, told = record(FILED, "ann"), Told({"ann": IN_CARE}, down=True)
    with pytest.raises(RegisterUnavailable):
        swept(told)
    assert not RetentionState.objects.exists()
    told.down = False
    assert swept(told, HERE_NOW + timedelta(minutes=1)) == (1, {"care goes on": 1})
    assert state(row)[1] == "care goes on"


def test_a_database_that_is_down_is_a_sentence():
    """Not a traceback."""
    record(FILED, "ann")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE vault_retentionpass RENAME TO elsewhere")
    try:
        with pytest.raises(VaultUnavailable):
            swept(Told({"ann": IN_CARE}))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO vault_retentionpass")


def test_what_was_disposed_of_is_left_alone():
    """Its row is a stub."""
    row = record(FILED, "ann", state=RecordState.DISPOSED)
    assert swept(Told({"ann": IN_CARE})) == (0, {})
    assert VaultRecord.objects.get().retain_until == row.retain_until


def test_what_somebody_said_meanwhile_is_not_undone():
    """A pass that had read the older facts does not overwrite."""
    row = record(FILED, classes=["incident"])
    retention = Retention(Told(), SCHEDULE)
    swept(Told())
    close(retention, [row.id], date(2021, 1, 1), Saying("cli:olu", "closed", HERE_NOW + timedelta(hours=2)))

    class Stale(Retention):
        def verdicts(self, rows, known):
            for one, kept in super().verdicts(rows, known):
                yield one, (retention_before if one.id == row.id else kept)

    retention_before = Retention(Told(), SCHEDULE).explain(record(FILED, classes=["incident"]).id)
    list(sweep(Stale(Told(), SCHEDULE), HERE_NOW + timedelta(hours=1), "worker", anew=True))
    assert state(row)[1:3] == ("closure", date(2031, 1, 2))


def test_two_at_once_do_no_harm(monkeypatch):
    """The same rows, one event a move."""
    monkeypatch.setattr(sweeping, "BATCH", 3)
    rows = [record(FILED + timedelta(minutes=n), "ann") for n in range(12)]
    swept(Told({"ann": IN_CARE}))
    told, errors = Told({"ann": gone(date(2021, 1, 1))}), []

    def run():
        try:
            swept(told, HERE_NOW + DAY, anew=True)
        except Exception as error:  # noqa: BLE001 - asserted below
            errors.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {state(row)[2] for row in rows} == {date(2029, 1, 2)}
    assert [len(moves_of(row)) for row in rows] == [1] * 12


def test_a_rehearsal_says_the_same_and_writes_nothing():
    """For `--dry-run`."""
    record(FILED, "ann")
    retention = Retention(Told({"ann": IN_CARE}), SCHEDULE)
    assert [(f.seen, dict(f.moved)) for f in rehearse(retention)] == [(1, {"care goes on": 1})]
    assert not RetentionState.objects.exists()
    assert not RetentionPass.objects.exists()


def test_memory_and_statements_do_not_grow_with_the_records():
    """A batch costs the same dozen statements, whatever is in it."""
    from django.test.utils import CaptureQueriesContext

    told = Told({"ann": IN_CARE})
    counts = []
    for more in (3, 40):
        for n in range(more):
            record(FILED + timedelta(minutes=more * 100 + n), "ann")
        with CaptureQueriesContext(connection) as caught:
            swept(told, HERE_NOW, anew=True)
        counts.append(len(caught))
    assert counts[1] <= counts[0] < 25
