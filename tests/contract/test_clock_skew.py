"""A relay whose clock is wrong, over a real Ceph RGW, whose locks and signatures go by its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import minio.time
import pytest

from domain.errors import VaultUnavailable
from tests.contract.conftest import RealClock
from tests.fakes import FakeClock
from tests.support import ceph
from tests.support.vaults import LOCK, House, filing
from vault.models import AuditEvent, VaultObject, VaultRecord
from vault.objects.line import Line, Reply
from vault.objects.port import NoSuchObject
from vault.objects.probe import probe

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def house(rgw: ceph.Ceph, tmp_path: Path) -> House:
    """Its clock is right at first."""
    house = House(tmp_path, FakeClock(RealClock().now()))
    house.store = rgw.store(f"skew-{uuid.uuid4().hex}")
    house.escrow_store = rgw.store(f"skew-e-{uuid.uuid4().hex}")
    return house


def locks(house: House) -> list[timedelta]:
    """How long each object of the record is locked from now on, by the store's own word."""
    rows = VaultObject.objects.all()
    found = [house.store.stat(row.key, row.version).locked_until for row in rows]
    assert all(found)
    return [until - RealClock().now() for until in found if until]


@pytest.mark.parametrize("skew", [timedelta(days=-1), timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=1)])
def test_a_clock_that_is_wrong_by_less_than_the_lock_files_and_locks(house: House, skew: timedelta) -> None:
    """The lock is as much shorter or longer; the record says what the store says."""
    house.clock.move(skew)
    receipt = house.filer().file(filing(), house.clock.now())
    assert VaultRecord.objects.get().pk == receipt.record
    found = locks(house)
    assert len(found) == len(receipt.objects)
    assert all(LOCK + skew - timedelta(minutes=2) < lock <= LOCK + skew + timedelta(seconds=1) for lock in found)


def test_a_clock_that_is_behind_by_more_than_the_lock_files_nothing(house: House) -> None:
    """No lock would be kept: the mail is tried again, and filed once the clock is right."""
    filer, right = house.filer(), house.clock.now()
    house.clock.move(-2 * LOCK)
    with pytest.raises(VaultUnavailable):
        filer.file(filing(), house.clock.now())
    assert not VaultRecord.objects.exists()
    assert not AuditEvent.objects.filter(action="filed").exists()
    house.clock.time = right
    receipt = filer.file(filing(), house.clock.now())
    assert [v.key for v in house.store.versions("v1/")] == sorted(receipt.objects)


@pytest.mark.parametrize("hours", [-1, 1])
def test_signatures_of_a_wrong_clock_are_refused_and_said(
    house: House, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers take no request that is a quarter of an hour off: 451, nothing is written, nothing is called lost."""
    filer, right = house.filer(), minio.time.utcnow
    receipt = filer.file(filing(), house.clock.now())
    with monkeypatch.context() as wrong:
        wrong.setattr(minio.time, "utcnow", lambda: right() + timedelta(hours=hours))
        wrong.setattr(house.store._direct, "_line", _Skewed(house.store._direct._line, timedelta(hours=hours)))  # type: ignore[attr-defined]
        with pytest.raises(VaultUnavailable):
            filer.file(filing(raw=b"Subject: 2\r\n\r\nx\r\n"), house.clock.now())
        with pytest.raises(VaultUnavailable) as refused:
            house.store.stat(receipt.objects[0])
        assert not isinstance(refused.value, NoSuchObject)
        lines = list(probe(house.store, house.clock.now()))
    assert VaultRecord.objects.count() == 1
    assert [(line.ok, line.answered) for line in lines] == [(False, False)]  # nothing bad is said of a good store
    assert "clock" in lines[0].text
    assert not any(line.text for line in probe(house.store, house.clock.now()) if not line.ok)


class _Skewed:
    """A line whose libcurl has that clock: a date that is given it takes for its own."""

    def __init__(self, line: Line, by: timedelta) -> None:
        self._line, self._by = line, by

    def ask(self, method: str, url: str, body: bytes | None, headers: Sequence[str], **more: bool) -> Reply:
        date = f"x-amz-date: {RealClock().now() + self._by:%Y%m%dT%H%M%SZ}"
        return self._line.ask(method, url, body, [*headers, date], **more)
