"""Locks and tags at the store, kept in step with the rows: over a folder and over Ceph."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from domain.errors import VaultUnavailable
from domain.retention import begins
from tests.contract.conftest import RealClock
from tests.support import ceph
from tests.support.retaining import IN_CARE, SCHEDULE, Told, gone, put, record
from vault.models import AuditEvent, RecordState, RetentionState, VaultObject
from vault.objects.local import LocalStore
from vault.objects.port import NoSuchObject, ObjectStore
from vault.retention import Retention
from vault.retention.mirroring import Mirror, running_out
from vault.retention.sweeping import sweep

pytestmark = pytest.mark.usefixtures("database")
LOCK = timedelta(seconds=40)  # short, so that Ceph's locks of a test are soon gone
LONG_AGO = datetime(2010, 5, 1, 12, tzinfo=UTC)
SOON = timedelta(seconds=15)


@pytest.fixture(params=["folder", "ceph"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """Those that refuse to shorten a lock, on which housekeeping rests; `sallyport check` proves it of any other."""
    if request.param == "folder":
        return LocalStore(tmp_path / "objects", RealClock())
    server: ceph.Ceph = request.getfixturevalue("rgw")
    return server.store(f"t-{uuid.uuid4().hex}")


@pytest.fixture
def now(store) -> datetime:
    """Once the store is there: servers take no lock that has run out."""
    return RealClock().now().replace(microsecond=0)


def swept(life, now):
    list(sweep(Retention(Told({"ann": life}), SCHEDULE), now, "worker", anew=True))


def filed(store: ObjectStore, now: datetime, *, locked: timedelta = SOON):
    """A record about Ann with two objects, whose locks run for a moment only."""
    row = record(LONG_AGO, "ann")
    return row, [put(row, store, now + locked, number) for number in (0, 1)]


def extended(store: ObjectStore, now: datetime, lock: timedelta = LOCK):
    done = list(Mirror(store, lock, "worker").extend_locks(now))
    return sum(d.done for d in done), [f for d in done for f in d.failed]


def tagged(store: ObjectStore):
    done = list(Mirror(store, LOCK, "worker").set_tags())
    return sum(d.done for d in done), [f for d in done for f in d.failed]


class Broken:
    """Another store, with one method that fails for some keys, or lies. ``calls`` counts what reached it."""

    def __init__(self, inner: ObjectStore, method: str, error: Exception | None, keys: str = "") -> None:
        self._inner, self._method, self._error, self._keys = inner, method, error, keys
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if name != self._method:
            return getattr(self._inner, name)

        def call(key: str, *rest: Any) -> Any:
            self.calls += 1
            if not key.endswith(self._keys):
                return getattr(self._inner, name)(key, *rest)
            if self._error is not None:
                raise self._error
            return None

        return call


def test_a_lock_is_extended_before_it_runs_out_and_read_back(store, now):
    """By the length of a lock from now, no further; the row says what the store says; the trail says how many."""
    _, objects = filed(store, now)
    swept(IN_CARE, now)
    assert extended(store, now) == (2, [])
    for one in objects:
        lock = store.stat(one.key, one.version).locked_until
        assert lock == VaultObject.objects.get(pk=one.pk).locked_until == now + LOCK
    assert [e.details["objects"] for e in AuditEvent.objects.filter(action="locks extended")] == [2]
    assert extended(store, now) == (0, [])


def test_the_lock_ends_on_the_day_on_which_disposal_may_be_proposed(store, now):
    """Never beyond: whatever becomes of us, the store lets go."""
    row, objects = filed(store, now)
    swept(IN_CARE, now)
    row.refresh_from_db()
    type(row).objects.filter(pk=row.pk).update(retain_until=now + timedelta(seconds=25))
    assert extended(store, now) == (2, [])
    assert {store.stat(o.key, o.version).locked_until for o in objects} == {now + timedelta(seconds=25)}
    assert extended(store, now) == (0, [])


def test_what_has_run_out_is_not_locked_again(store, now):
    """Nor what was disposed of."""
    row, objects = filed(store, now)
    swept(gone(date(2012, 1, 1)), now)
    assert extended(store, now) == (0, [])
    assert store.stat(objects[0].key, objects[0].version).locked_until == now + SOON
    swept(IN_CARE, now)
    type(row).objects.filter(pk=row.pk).update(state=RecordState.DISPOSING)
    assert extended(store, now) == (0, [])


def test_a_lock_that_is_longer_already_is_written_down(store, now):
    """The other worker was quicker, or the row was lost."""
    _, objects = filed(store, now)
    swept(IN_CARE, now)
    for one in objects:
        store.extend_lock(one.key, one.version, now + LOCK + timedelta(seconds=5))
    assert extended(store, now) == (2, [])
    assert {o.locked_until for o in VaultObject.objects.all()} == {now + LOCK + timedelta(seconds=5)}


def test_one_that_cannot_be_locked_keeps_no_other_waiting(store, now):
    """Missing, refused, or not kept: it is named, its row stays, and the alarm counts it."""
    row, objects = filed(store, now)
    swept(IN_CARE, now)
    for error, why in [
        (NoSuchObject("gone"), "gone"), (VaultUnavailable("busy"), "busy"), (None, "the store dropped or cut the lock"),
    ]:  # fmt: skip
        VaultObject.objects.update(locked_until=now + SOON)
        assert extended(Broken(store, "extend_lock", error, "/0.age"), now, LOCK + timedelta(seconds=9)) == (
            1,
            [(row.id, why)],
        )
        left = VaultObject.objects.get(locked_until=now + SOON)
        assert left.key == objects[0].key
    assert running_out(now, LOCK).filter(pk=objects[0].pk).exists()


def test_the_tags_follow_the_rows(store, now):
    """The others stay as they were; `open` while care goes on."""
    _, objects = filed(store, now)
    swept(IN_CARE, now)
    assert tagged(store) == (1, [])
    assert [store.tags(o.key, o.version) for o in objects] == [
        {"class": "assessment", "retain-until": "open", "subject": "service", "decision": "RELAY"}
    ] * 2
    assert tagged(store) == (0, [])
    swept(gone(date(2025, 1, 1)), now)
    assert tagged(store) == (1, [])
    assert {store.tags(o.key, o.version)["retain-until"] for o in objects} == {"2033-01-02"}


def test_tags_that_could_not_be_set_are_set_the_next_time(store, now):
    """A store that is down halfway."""
    row, objects = filed(store, now)
    swept(IN_CARE, now)
    assert tagged(Broken(store, "set_tags", VaultUnavailable("down"), "/1.age")) == (0, [(row.id, "down")])
    assert RetentionState.objects.get().tags_behind
    assert tagged(store) == (1, [])
    assert store.tags(objects[1].key, objects[1].version)["retain-until"] == "open"


def test_a_date_that_moves_while_tags_are_set_is_not_taken_for_mirrored(store, now):
    """The row is younger than what was read."""
    filed(store, now)
    swept(IN_CARE, now)

    class Meanwhile(Broken):
        """Somebody writes another date while the tag of the first is on its way."""

        def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
            self._inner.set_tags(key, version, tags)
            RetentionState.objects.update(until=date(2033, 1, 2), reckoned_at=now + timedelta(seconds=1))
            connection.close()  # this thread's

    assert tagged(Meanwhile(store, "", None)) == (1, [])
    assert RetentionState.objects.get().tags_behind
    assert tagged(store) == (1, [])
    assert not RetentionState.objects.get().tags_behind


def test_a_store_that_is_down_is_not_asked_for_everything(tmp_path):
    """The first chunk says so; the rest is done later."""
    store = LocalStore(tmp_path / "o", RealClock())
    now = RealClock().now()
    row = record(LONG_AGO, "ann")
    for number in range(120):
        put(row, store, now + SOON, number)
    swept(IN_CARE, now)
    down = Broken(store, "extend_lock", VaultUnavailable("down"))
    with pytest.raises(VaultUnavailable):
        extended(down, now)  # type: ignore[arg-type]
    assert down.calls == 100
    assert extended(store, now) == (120, [])
    assert VaultObject.objects.filter(locked_until=now + LOCK).count() == 120


def test_the_alarm_counts_locks_that_should_be_longer(store, now):
    """Not those that end with the record's own day."""
    row, _ = filed(store, now)
    swept(IN_CARE, now)
    assert running_out(now, SOON + timedelta(seconds=1)).count() == 2
    assert running_out(now, SOON).count() == 0
    type(row).objects.filter(pk=row.pk).update(retain_until=now + SOON)
    assert running_out(now, LOCK).count() == 0
    assert begins(date(2033, 1, 2)) > now
