"""What people say of a record: closed, a deed, a priority, a further class; and how it is put right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.retaining import HERE_NOW, IN_CARE, SCHEDULE, Told, gone, record
from vault.models import AuditEvent, RecordState, RetentionMark, RetentionState, VaultRecord
from vault.retention import Retention
from vault.retention.marking import CannotBeMarked, Saying, close, mark, unmark
from vault.retention.writing import OPEN

pytestmark = pytest.mark.usefixtures("database")
FILED = datetime(2020, 5, 1, 12, tzinfo=UTC)
RETENTION = Retention(Told({"ann": IN_CARE, "ben": gone(date(2021, 1, 1))}), SCHEDULE)
SAYING = Saying("cli:olu", "the board decided so", HERE_NOW)


def until(row):
    return RetentionState.objects.get(record=row).until


def test_a_closed_case_has_a_day():
    """At once, in the row and in the audit trail, with who and why."""
    row = record(FILED, "ann", classes=["incident"])
    found = close(RETENTION, [row.id], date(2026, 11, 1), SAYING)
    assert found[row.id].until == until(row) == date(2036, 11, 2)
    event = AuditEvent.objects.get(record=row.id, action="retention marked")
    assert (event.actor, event.why) == ("cli:olu", "the board decided so")
    assert event.details == {"class": "incident", "closed_on": "2026-11-01", "counts": True, "variant": ""}


def test_a_wrong_day_is_put_right_and_a_case_opened_again():
    """What was said before stays to be seen; a move is an event."""
    row = record(FILED, "ann", classes=["incident"])
    for day in (date(2025, 11, 1), date(2026, 11, 1), None):
        close(RETENTION, [row.id], day, SAYING)
    assert until(row) is None
    assert VaultRecord.objects.get().retain_until == OPEN
    assert [m.closed_on for m in RetentionMark.objects.order_by("id")] == [date(2025, 11, 1), date(2026, 11, 1), None]
    moved = [e.details["after"]["until"] for e in AuditEvent.objects.filter(action="retention moved")]
    assert moved == ["2036-11-02", None]


def test_a_priority_and_a_closure_do_not_undo_each_other():
    """A mark carries on what stood."""
    row = record(FILED, classes=["incident"])
    mark(RETENTION, [row.id], "incident", "high-priority", SAYING)
    assert until(row) is None
    close(RETENTION, [row.id], date(2026, 11, 1), SAYING)
    assert until(row) == date(2056, 11, 2)
    mark(RETENTION, [row.id], "incident", "low-priority", SAYING)
    assert until(row) == date(2029, 11, 2)
    mark(RETENTION, [row.id], "incident", "", SAYING)
    assert until(row) == date(2036, 11, 2)


def test_a_deed_is_kept_longer():
    """12 years in place of 6."""
    row = record(FILED, "ben", classes=["placement-agreement"])
    assert mark(RETENTION, [row.id], "placement-agreement", "deed", SAYING)[row.id].until == date(2033, 1, 2)


def test_a_further_class_and_taken_back():
    """A carer's file; then it was none. Its own class cannot be taken from a record."""
    row = record(FILED, "ben")
    assert mark(RETENTION, [row.id], "carer-file", "", SAYING)[row.id].record_class == "carer-file"
    close(RETENTION, [row.id], date(2021, 1, 1), SAYING, "carer-file")
    assert until(row) == date(2046, 1, 2)
    unmark(RETENTION, [row.id], "carer-file", SAYING)
    assert until(row) == date(2029, 1, 2)
    with pytest.raises(CannotBeMarked, match="own class"):
        unmark(RETENTION, [row.id], "assessment", SAYING)


def test_many_at_once_are_all_or_nothing():
    """One that cannot be leaves the others as they were."""
    rows = [record(FILED, classes=["complaint"]), record(FILED, classes=["assessment"])]
    with pytest.raises(CannotBeMarked) as caught:
        close(RETENTION, [r.id for r in rows], date(2021, 1, 1), SAYING)
    assert caught.value.public == f"The record {rows[1].id} has no class that waits for a closure."
    assert not RetentionMark.objects.exists()
    assert not AuditEvent.objects.exists()
    assert set(close(RETENTION, [rows[0].id, rows[0].id], date(2021, 1, 1), SAYING)) == {rows[0].id}


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (lambda i: close(RETENTION, [i], HERE_NOW.date() + timedelta(days=1), SAYING), "still to come"),
        (lambda i: close(RETENTION, [i], None, SAYING, "assessment"), "is no 'assessment' that waits for a closure"),
        (lambda i: close(RETENTION, ["0" * 26], None, SAYING), "There is no record 0000"),
        (lambda i: close(RETENTION, [i], None, Saying("a", " ", HERE_NOW)), "A reason is needed"),
        (lambda i: mark(RETENTION, [i], "secrets", "", SAYING), "has no class 'secrets'; it has all-about-me"),
        (lambda i: mark(RETENTION, [i], "incident", "deed", SAYING), "no 'deed' of 'incident'; it has high-priority"),
        (
            lambda i: mark(RETENTION, [i], "medical", "after-death", SAYING),
            "no 'after-death' of 'medical'; it has none",
        ),
    ],
)
def test_what_cannot_be_said_is_one_sentence(do, says):
    """And changes nothing."""
    row = record(FILED, classes=["incident"])
    with pytest.raises(CannotBeMarked) as caught:
        do(row.id)
    assert says in caught.value.public
    assert not RetentionMark.objects.exists()


def test_what_is_disposed_of_is_past_saying():
    """There is nothing left to keep."""
    row = record(FILED, classes=["incident"], state=RecordState.DISPOSED)
    with pytest.raises(CannotBeMarked, match="disposed"):
        mark(RETENTION, [row.id], "incident", "high-priority", SAYING)
