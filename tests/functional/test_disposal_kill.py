"""Kill -9 before and after every write of a disposal: what was begun is ended by the next run, and nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.disposals import BERT, CARL, DECADES, Office
from tests.support.vaults import House
from vault.disposal import proposing, verifying
from vault.models import AuditEvent, DisposalCertificate, DisposalLine, SealingKey, VaultObject, VaultRecord

ROOT = Path(__file__).parents[2]
MOST = 45
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


def killed_after(office: Office, batch: str, writes: int) -> bool:
    """Whether the process was killed; else it came to its end."""
    folder, now = str(office.house.folder), office.house.clock.now().isoformat()
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.disposer", folder, batch, now, str(writes)], cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in {0, -9}, done.stderr
    assert ("done" in done.stdout) == (not done.returncode)
    return bool(done.returncode)


def left_in_store(office: Office, record: str) -> list[str]:
    return [v.key for v in office.house.store.versions("v1/") if record in v.key]


def check_after_a_kill(office: Office) -> None:
    """At any moment: what is filed is whole; what is gone from the rows is gone from the store, with its intent."""
    for row in VaultRecord.objects.all():
        files, events = left_in_store(office, row.id), AuditEvent.objects.filter(record=row.id)
        if row.state == "filed":
            assert len(files) == VaultObject.objects.filter(record=row.id).count() == 3
        if len(files) < 3:
            assert events.filter(action="disposal begun").exists()
        if row.state == "disposed":
            assert not files
            assert not VaultObject.objects.filter(record=row.id).exists()


def check_the_end(office: Office, batch: str) -> None:
    """Everything has gone, once, with its events and one certificate that is true."""
    assert {line.state for line in DisposalLine.objects.filter(batch=batch)} == {"disposed"}
    certified = []
    for row in DisposalCertificate.objects.filter(batch=batch):
        now, house = office.house.clock.now(), office.house
        found = list(verifying.verify(row.id, house.store, house.escrow_store, now))
        assert [f.text for f in found if not f.ok] == []
        assert len(list(house.store.versions(row.key))) == 1
        content = json.loads(row.content)
        certified += [r["record"] for r in content["records"]] + [k["public"] for k in content["keys"]]
    assert len(certified) == len(set(certified)) == DisposalLine.objects.filter(batch=batch).count()
    assert AuditEvent.objects.filter(action="disposed", details__batch=batch).count() == sum(
        1 for line in DisposalLine.objects.filter(batch=batch) if line.record_id
    )


def test_records_killed_at_every_write(tmp_path: Path) -> None:
    """A record after the other, each killed a moment later than the one before, until one comes through."""
    office = Office(House(tmp_path))
    for number in range(MOST):
        office.file(number)
    office.house.clock.move(DECADES)
    for writes in range(MOST):
        batch = proposing.propose(office.viewer, "worker:one", office.house.clock.now(), 1).batch
        office.approve(batch, BERT, CARL)
        killed = killed_after(office, batch, writes)
        check_after_a_kill(office)
        office.execute(batch)
        check_the_end(office, batch)
        if not killed:
            break
    assert 15 < writes < MOST - 1, "every write was a moment"


def test_a_key_killed_at_every_write(tmp_path: Path) -> None:
    """Retired and destroyed, in two runs, each killed once."""
    office = Office(House(tmp_path))
    office.file()
    office.house.clock.move(DECADES)
    office.dispose()
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    for writes in range(100):
        if not killed_after(office, batch, writes):
            break
        key = SealingKey.objects.get(person="p-ann")
        assert bool(bytes(key.sealed_secret)) == (key.destroyed_at is None)
        if key.retired_at and writes % 2:
            office.house.clock.move(timedelta(days=1))
    office.house.clock.move(timedelta(days=1))
    office.execute(batch)
    check_the_end(office, batch)
    (mark,) = office.house.escrow_store.versions("keys/p-ann/")
    assert mark.key.endswith(".destroyed")
    assert writes > 5
