"""A worker that is killed at any moment: the audit log stays whole, and what was signed stays true."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from gateway.clock import SystemClock
from tests.support.log import ORIGIN, Log
from vault.merkle.heads import Trust
from vault.merkle.sequencing import integrate
from vault.merkle.verifying import Verification
from vault.models import AuditEvent, AuditLeaf

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]

ROOT = Path(__file__).parents[2]
KILLS = 6
_WORKER = """
import sys
import django
django.setup()
from datetime import timedelta
from pathlib import Path
from gateway.clock import SystemClock
from tests.support.log import Log
from vault.merkle.note import Signer
from vault.merkle.sequencing import integrate
log = Log(Path(sys.argv[1]), SystemClock().now(), Signer.of(sys.argv[2]))
print("at work", flush=True)
while True:
    log.write(7)
    integrate(log.now, 3)
    log.now += timedelta(minutes=1)
    log.publisher().publish(log.now)
"""


def test_a_killed_worker_leaves_a_whole_log(tmp_path: Path) -> None:
    """Between any two writes: places stay dense, no event is lost, every checkpoint holds, the next worker goes on."""
    log, chance = Log(tmp_path), random.Random(7)
    trust, signed = Trust(ORIGIN, [log.signer.verifier]), 0
    connection.close()
    for _ in range(KILLS):
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(tmp_path), log.signer.line()],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert worker.stdout
        assert worker.stdout.readline() == "at work\n"
        time.sleep(chance.random())
        worker.kill()
        worker.communicate()
        integrate(SystemClock().now())
        assert list(AuditLeaf.objects.order_by("index").values_list("index", flat=True)) == list(
            range(AuditEvent.objects.count())
        )
        verification = Verification(trust, log.store, SystemClock().now() + timedelta(days=1), timedelta(minutes=10))
        report = verification.run(lambda _done, _total: None, lambda _done, _total: None)
        assert report.findings == []
        assert report.checkpoints >= signed
        signed = report.checkpoints
    assert signed > 0
