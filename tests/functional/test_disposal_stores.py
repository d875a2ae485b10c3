"""Holds and disposal over a real Ceph RGW, and once more over PostgreSQL, where a hold and a beginning race."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.build import ANN
from tests.fakes import FakeClock
from tests.support import ceph, postgres
from tests.support.disposals import ANNA, BERT, CARL, DECADES, Office
from tests.support.vaults import SCHEDULE, House, filing
from vault.disposal import verifying
from vault.filing import Filer
from vault.holds import setting
from vault.holds.mirror import Mirror, Swept
from vault.holds.setting import NewHold
from vault.models import DisposalCertificate, SealingKey, TargetKind, VaultObject
from vault.objects.port import ObjectLocked, ObjectStore
from vault.sealing import PublicHalves

ROOT = Path(__file__).parents[2]
FILES = ["disposal", "disposal_impossible", "holds"]
LOCK = timedelta(seconds=4)


@pytest.fixture(scope="module")
def rgw() -> Iterator[ceph.Ceph]:
    with ceph.running() as server:
        yield server


@pytest.fixture
def office(rgw: ceph.Ceph, tmp_path: Path, database: None) -> Office:
    """Its clock is decades ahead of the server's, whose locks are seconds long."""
    house = House(tmp_path, FakeClock(datetime.now(UTC) - DECADES))  # noqa: TID251 - the server's locks go by it
    house.store = rgw.store(f"d-{uuid.uuid4().hex}")
    house.escrow_store = rgw.store(f"e-{uuid.uuid4().hex}")
    office = Office(house)
    office.left(ANN, house.clock.now().date())
    return office


def file(office: Office, number: int) -> str:
    """Under a lock of seconds by the server's own clock."""
    house = office.house
    house.filer()  # keys
    until = datetime.now(UTC) + LOCK - house.clock.now()  # noqa: TID251 - the servers have a clock of their own
    filer = Filer(house.store, PublicHalves(house.service.public), SCHEDULE, lock=until)
    return filer.file(filing(raw=b"Subject: %d\r\n\r\nx\r\n" % number), house.clock.now()).record


def wait(office: Office) -> None:
    """Until the server's lock has run out."""
    time.sleep(LOCK.total_seconds() + 1)
    office.house.clock.time = datetime.now(UTC)  # noqa: TID251 - the same


def versions(store: ObjectStore, prefix: str) -> list[str]:
    return [v.key for v in store.versions(prefix)]


@pytest.mark.slow
def test_on_ceph_a_lock_is_waited_for_and_then_every_version_goes(office: Office) -> None:
    """COMPLIANCE is kept by the server; a second version and a delete marker on an object go as well."""
    record = file(office, 1)
    house = office.house
    row = VaultObject.objects.first()
    assert row
    house.store.put(row.key, b"again", tags={}, metadata={}, locked_until=None)
    client, bucket = house.store._client, house.store._bucket  # type: ignore[attr-defined]
    client.remove_object(bucket, row.key)  # hides it behind a delete marker
    assert len(versions(house.store, "v1/")) == 3 + 2
    VaultObject.objects.update(locked_until=house.clock.now())
    house.clock.time = datetime.now(UTC)  # noqa: TID251 - the same
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    assert "lock" in office.execute(batch).kept[record], "the rows say that it has run out, the server does not"
    assert len(versions(house.store, "v1/")) == 3 + 2
    wait(office)
    assert office.execute(batch).disposed == [record]
    assert versions(house.store, "v1/") == []
    certificate = DisposalCertificate.objects.get()
    found = list(verifying.verify(certificate.id, house.store, house.escrow_store, house.clock.now()))
    assert [f.text for f in found if not f.ok] == []
    with pytest.raises(ObjectLocked):
        house.store.delete(certificate.key, certificate.version)


@pytest.mark.slow
def test_on_ceph_a_hold_is_mirrored_and_keeps_the_server_from_deleting(office: Office) -> None:
    """Put on, read back; after the lock has run out the server still refuses; lifted, everything goes, the key too."""
    record, house = file(office, 1), office.house
    now = house.clock.now()
    new = NewHold("the court asks", "C-1", (now + LOCK).date() + timedelta(days=1), {TargetKind.PERSON: [ANN]})
    hold, mirror = setting.set_hold(new, ANNA, now).hold, Mirror(house.store, "worker:one")
    assert mirror.sweep(now) == Swept(put_on=3)
    VaultObject.objects.update(locked_until=now)
    wait(office)
    row = VaultObject.objects.first()
    assert row
    with pytest.raises(ObjectLocked):
        house.store.delete(row.key, row.version)
    assert office.propose() == ""
    setting.ask_to_lift(hold, "settled", ANNA, now)
    setting.lift(hold, BERT, now)
    assert mirror.sweep(now) == Swept(taken_off=3)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    assert office.execute(batch).disposed == [record]
    keys = office.propose()
    office.approve(keys, BERT, CARL)
    office.execute(keys)
    house.clock.move(timedelta(days=1))
    assert office.execute(keys).disposed == [f"{ANN}/1"]
    assert not bytes(SealingKey.objects.get(person=ANN).sealed_secret)
    assert [k for k in versions(house.escrow_store, f"keys/{ANN}/") if not k.endswith(".destroyed")] == []


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres.running() as url:
        yield url


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"}


@pytest.mark.slow
def test_on_postgresql_everything_holds_as_on_sqlite(postgres_url: str) -> None:
    """Constraints, conditions, locks of rows, turns."""
    files = [f"tests/unit/test_{name}.py" for name in FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", *files]
    done = subprocess.run(
        command, env=environment(postgres_url), cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > 130


RACE = """
import sys
import django; django.setup()
from datetime import datetime
from pathlib import Path
from tests.build import ANN
from tests.fakes import FakeClock
from tests.support.disposals import ANNA, Office
from tests.support.vaults import House
what, folder, batch, now, start = sys.argv[1:]
office = Office(House(Path(folder), FakeClock(datetime.fromisoformat(now))))
from django.db import connection
connection.ensure_connection()
print("ready", flush=True)
while not Path(start).exists():
    pass
if what == "hold":
    from datetime import timedelta
    from vault.holds.setting import NewHold, set_hold
    from vault.models import TargetKind
    moment = office.house.clock.now()
    new = NewHold("r", "C-1", moment.date() + timedelta(days=9), {TargetKind.PERSON: [ANN]})
    print("late", *set_hold(new, ANNA, moment).too_late)
else:
    print("gone", *office.records().run(batch).disposed)
"""
PREPARE = """
import sys
import django; django.setup()
from pathlib import Path
from tests.support.disposals import BERT, CARL, DECADES, Office
from tests.support.vaults import House
office = Office(House(Path(sys.argv[1])))
for number in range(12):
    office.file(number)
office.house.clock.move(DECADES)
batch = office.propose()
office.approve(batch, BERT, CARL)
print(batch, office.house.clock.now().isoformat())
"""


@pytest.mark.slow
def test_on_postgresql_a_hold_and_a_destruction_never_both_win(postgres_url: str, tmp_path: Path) -> None:
    """At the same moment: every record is either gone and named by the hold as too late, or there and covered."""
    run = {"env": environment(postgres_url), "cwd": ROOT, "text": True}
    subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity=0"], check=True, **run)
    prepared = subprocess.run(
        [sys.executable, "-c", PREPARE, str(tmp_path)], check=True, stdout=subprocess.PIPE, **run
    ).stdout.split()
    start = tmp_path / "start"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, what, str(tmp_path), *prepared, str(start)], stdout=subprocess.PIPE, **run
        )
        for what in ("hold", "destroy")
    ]
    for process in both:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    start.touch()
    late, gone = (set(process.communicate(timeout=120)[0].split()[1:]) for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert gone <= late
    assert len(gone) < 12, "the hold came after everything: nothing was tested"
