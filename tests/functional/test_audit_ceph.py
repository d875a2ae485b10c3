"""The audit log's checkpoints in a real S3 store with Object Lock (Ceph)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from tests.support import ceph
from tests.support.log import LOCK, ORIGIN, Log
from vault.merkle.countersigning import Countersigning
from vault.merkle.findings import Tampering
from vault.merkle.heads import Trust
from vault.merkle.note import Kind, Signer
from vault.merkle.publishing import PREFIX
from vault.merkle.verifying import Verification
from vault.models import AuditCheckpoint
from vault.objects.port import ObjectLocked, ObjectStore

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with ceph.running() as running:
        yield running.store("audit-log")


def test_checkpoints_are_locked_found_and_verified(store: ObjectStore, tmp_path: Path) -> None:
    """Signed, read back, countersigned as another version, listed in order; nobody can delete one."""
    witness = Signer.new("inspector.example/w", Kind.WITNESS)
    log = Log(tmp_path, SystemClock().now())  # the server compares locks with its own clock
    log.store = store
    for count in (3, 300, 5):
        assert log.round(count)
    ours = Countersigning(store, ORIGIN, LOCK)
    note = ours.request(witness.verifier).note
    ours.accept([str(witness.sign(note.text, log.now))], [witness.verifier], log.now)
    versions = list(store.list(PREFIX))
    assert len(versions) == 4
    for version in versions:
        with pytest.raises(ObjectLocked):
            store.delete(version.key, version.version)
    trust = Trust(ORIGIN, [log.signer.verifier], [witness.verifier])
    verification = Verification(trust, store, log.now + timedelta(hours=1), timedelta(minutes=10))
    report = verification.run(lambda _done, _total: None, lambda _done, _total: None)
    assert (report.findings, report.checkpoints, report.witnessed) == ([], 3, {"inspector.example/w": 308})
    AuditCheckpoint.objects.filter(size=308).update(version="another")
    again = verification.run(lambda _done, _total: None, lambda _done, _total: None)
    assert [f.kind for f in again.findings] == [Tampering.CHECKPOINT_GONE]
