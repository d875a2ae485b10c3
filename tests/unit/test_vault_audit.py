"""The audit trail is added to, and nothing else: by the model, by the manager, by the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.fakes import NOW, FakeClock
from vault import audit
from vault.lasting import Lasting
from vault.models import AppendOnlyError, AuditEvent
from vault.objects.local import LocalStore
from vault.reconcile.run import Plan, reconcile

pytestmark = pytest.mark.usefixtures("database")

EVENT = audit.Event(NOW, "relay-1", "filed", "01ABC", "because", {"objects": 3, "name": "Zoë"})


@pytest.fixture
def row() -> AuditEvent:
    audit.append([EVENT])
    return AuditEvent.objects.get()


def test_an_event_comes_back_with_its_leaf(row: AuditEvent) -> None:
    """The leaf can be computed again from the row alone."""
    assert audit.of_row(row) == EVENT
    assert audit.leaf_hash(audit.of_row(row)) == row.leaf
    assert row.leaf == hashlib.sha256(b"\x00" + audit.canonical(EVENT)).hexdigest()


@pytest.mark.parametrize(
    "details",
    [
        {
            "big": 1e20,
            "small": 1.0,
            "none": None,
            "yes": True,
            "no": 0,
            "empty": "",
            "nested": {"b": [0.1, ()], "a": {}},
        },
        {2: "two", 10: "ten"},
        {"reply": "550 nul \0 and half a sign \udc80", "na\u0308me": "Zoe\u0308 Zo\u00eb \u2028"},
        {"number": 2**70},
    ],
)
def test_whatever_is_said_comes_back_as_it_was_hashed(details: dict[str, object]) -> None:
    """Else ordinary life would look like an edit on one of the databases, or the event could not be written."""
    audit.append([replace(EVENT, details=details, why="why \udcff \0")])
    row = AuditEvent.objects.get()
    assert audit.leaf_hash(audit.of_row(row)) == row.leaf
    assert sorted(row.details) == sorted(map(str, details))


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "x"},
        {"action": "x"},
        {"record": "x"},
        {"why": "x"},
        {"details": {}},
        {"at": NOW.replace(microsecond=1)},
    ],
)
def test_every_field_is_in_the_leaf(change: dict[str, object]) -> None:
    assert audit.leaf_hash(replace(EVENT, **change)) != audit.leaf_hash(EVENT)  # type: ignore[arg-type]


def test_events_keep_their_order() -> None:
    audit.append([replace(EVENT, why=str(n)) for n in range(20)])
    assert list(AuditEvent.objects.order_by("sequence").values_list("why", flat=True)) == [str(n) for n in range(20)]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda row: row.save(),
        lambda row: row.delete(),
        lambda row: AuditEvent.objects.update(why=""),
        lambda row: AuditEvent.objects.filter(pk=row.pk).update(why=""),
        lambda row: AuditEvent.objects.all().delete(),
    ],
)
def test_the_model_refuses_changes(row: AuditEvent, attempt: Callable[[AuditEvent], object]) -> None:
    with pytest.raises(AppendOnlyError):
        attempt(row)
    assert audit.of_row(AuditEvent.objects.get()) == EVENT


_COLUMNS = "(sequence, at, actor, action, record, why, details, leaf)"
_ANOTHER = "SELECT sequence, at, actor, action, record, 'rewritten', details, leaf FROM vault_auditevent"
_UPSERT = "ON CONFLICT (sequence) DO UPDATE SET why = excluded.why"
_CHANGES = ["UPDATE vault_auditevent SET why = ''", "DELETE FROM vault_auditevent"]
if connection.vendor == "sqlite":
    _CHANGES += [
        f"INSERT OR REPLACE INTO vault_auditevent {_COLUMNS} {_ANOTHER}",
        f"REPLACE INTO vault_auditevent {_COLUMNS} {_ANOTHER}",
        f"INSERT INTO vault_auditevent {_COLUMNS} {_ANOTHER} WHERE true {_UPSERT}",
        "UPDATE OR REPLACE vault_auditevent SET why = ''",
    ]
else:
    _CHANGES += [
        f"INSERT INTO vault_auditevent {_COLUMNS} {_ANOTHER} {_UPSERT}",
        "TRUNCATE vault_auditevent",
        "MERGE INTO vault_auditevent a USING vault_auditevent b ON a.leaf = b.leaf WHEN MATCHED THEN DELETE",
    ]


@pytest.mark.parametrize("statement", _CHANGES)
def test_the_database_refuses_changes(row: AuditEvent, statement: str) -> None:
    """Also past the model: SQL by hand, or Django's bulk_update."""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises((DatabaseError, AppendOnlyError)), transaction.atomic():
        AuditEvent.objects.bulk_update([row], ["why"])
    assert audit.of_row(AuditEvent.objects.get()) == EVENT


def test_long_work_says_when_it_wrote_and_not_when_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an hour later its event would look as if it had been put in behind a checkpoint."""
    seconds = iter([0.0, 59.0, 7_230.0])
    lasting = Lasting(NOW, lambda: next(seconds))
    assert (lasting.now, lasting.now) == (NOW, NOW + timedelta(minutes=120))
    readings = iter([0.0])
    slow = lambda now: Lasting(now, lambda: next(readings, 7_230.0))  # noqa: E731 - in the place of the class
    monkeypatch.setattr("vault.reconcile.run.Lasting", slow)
    stores = (LocalStore(tmp_path / name, FakeClock()) for name in ("store", "escrow"))
    reconcile(Plan(*stores, "cli:jo"), NOW)
    assert AuditEvent.objects.get(action="reconciled").at == NOW + timedelta(minutes=120)
