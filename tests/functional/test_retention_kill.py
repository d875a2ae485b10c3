"""Housekeeping killed (-9) before and after each of its calls to the store, and in the middle of a transaction.

Whenever it dies, no row says more than the store has; and the next run brings all in step.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.fakes import FakeClock
from tests.support.retaining import HERE_NOW, IN_CARE, SCHEDULE, Told, gone, put, record
from vault.models import AuditEvent, RetentionState, VaultObject, VaultRecord
from vault.objects.local import LocalStore
from vault.retention import Retention, writing
from vault.retention.mirroring import Mirror
from vault.retention.sweeping import sweep
from vault.retention.writing import OPEN, tag

pytestmark = pytest.mark.usefixtures("database")
LOCK = timedelta(days=30)
LONG_AGO = datetime(2010, 5, 1, 12, tzinfo=UTC)


class Deadly:
    """A store that kills this process at its n-th call, before or after it has done it."""

    def __init__(self, inner: LocalStore, moment: int) -> None:
        self._inner, self._moment = inner, moment
        self._count, self._lock = itertools.count(), threading.Lock()

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self._perhaps()
            done = getattr(self._inner, name)(*args)
            self._perhaps()
            return done

        return call

    def _perhaps(self) -> None:
        with self._lock:
            if next(self._count) == self._moment:
                os.kill(os.getpid(), signal.SIGKILL)


def survived(work: Callable[[], None]) -> bool:
    """In a process of its own: whether it came to its end."""
    connection.close()
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return not os.WIFSIGNALED(status)


def reckoned(life: Any, now: datetime) -> None:
    list(sweep(Retention(Told({"ann": life}), SCHEDULE), now, "worker", anew=True))


def mirrored(store: Any) -> None:
    mirror = Mirror(store, LOCK, "worker")
    list(mirror.extend_locks(HERE_NOW))
    list(mirror.set_tags())


def test_no_row_says_more_than_the_store_has_whenever_it_dies(tmp_path: Path) -> None:
    """Each moment from a fresh start; afterwards another run, and all is in step."""
    store, deaths = LocalStore(tmp_path / "o", FakeClock(HERE_NOW)), 0
    for moment in itertools.count():
        row = record(LONG_AGO + timedelta(minutes=moment), "ann")
        for number in (0, 1):
            put(row, store, HERE_NOW + timedelta(days=1), number)
        reckoned(IN_CARE, HERE_NOW)
        alive = survived(lambda moment=moment: mirrored(Deadly(store, moment)))  # type: ignore[misc]
        deaths += not alive
        for filed in VaultObject.objects.all():
            lock = store.stat(filed.key, filed.version).locked_until
            assert lock is not None
            assert filed.locked_until <= lock
        for state in RetentionState.objects.filter(tags_behind=False):
            for filed in state.record.objects_filed.all():
                assert store.tags(filed.key, filed.version)["retain-until"] == tag(state)
        mirrored(store)
        assert set(VaultObject.objects.values_list("locked_until", flat=True)) == {HERE_NOW + LOCK}
        assert not RetentionState.objects.filter(tags_behind=True).exists()
        if alive:
            break
    assert deaths == 16  # two objects: a lock set and read back, tags read and set; before and after each


def test_a_pass_killed_in_its_transaction_has_written_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """State, date and audit event are one: a move without its event cannot be."""
    row = record(LONG_AGO, "ann")
    reckoned(IN_CARE, HERE_NOW)
    later = HERE_NOW + timedelta(days=1)

    def deadly() -> None:
        monkeypatch.setattr(writing.audit, "append", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        reckoned(gone(date(2012, 1, 1)), later)

    assert not survived(deadly)
    assert VaultRecord.objects.get().retain_until == OPEN
    assert RetentionState.objects.get().event == "care goes on"
    reckoned(gone(date(2012, 1, 1)), later)
    assert RetentionState.objects.get().until == date(2020, 1, 2)
    assert AuditEvent.objects.filter(record=row.id, action="retention moved").count() == 1
