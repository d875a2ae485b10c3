"""Kill -9 in the middle of filing: what was promised is there, and nothing half-made is called a record."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from vault.objects.local import LocalStore

ROOT = Path(__file__).parents[2]
WRITER = """
import itertools, sys
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import timedelta
from pathlib import Path
from domain.outgoing import Fate, Outcome
from tests.build import CARER
from tests.fakes import NOW
from tests.support.vaults import House, filing
from vault.journal import RowJournal
filer = House(Path(sys.argv[1])).filer()
journal = RowJournal(lease=timedelta(minutes=10), remember=timedelta(days=14), owner="relay")
filer.file(filing(), NOW)
print("ready", flush=True)
for number in itertools.count():
    mail = filing(raw=b"Subject: %d\\r\\n\\r\\nx\\r\\n" % number)
    journal.claim(mail.digest, mail.envelope, NOW)
    receipt = filer.file(mail, NOW)
    print("filed", receipt.record, flush=True)
    journal.intend(mail.digest, mail.envelope, receipt, mail.decisions, NOW)
    print("intended", receipt.record, flush=True)
    journal.settle(mail.digest, mail.envelope, [Outcome(CARER, Fate.DELIVERED)], NOW)
    print("settled", receipt.record, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("wait", [0.05, 0.083, 0.117, 0.15, 0.19])
def test_what_was_said_before_the_kill_holds_after_it(tmp_path: Path, wait: float) -> None:
    """Filed means whole and locked; intended means audited; settled means done."""
    database = tmp_path / "db.sqlite3"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "SALLYPORT_DATABASE_URL": f"sqlite:///{database}"},
    )  # fmt: skip
    assert writer.stdout
    first: list[str] = []
    while not (first and first[-1].startswith("settled")):  # one mail whole, however slow the machine; then anywhere
        first.append(writer.stdout.readline())
        assert first[-1]
    time.sleep(wait)
    writer.send_signal(signal.SIGKILL)
    said = [line.split() for line in [*first, *writer.communicate()[0].splitlines()]]
    told = {
        what: {line[1] for line in said if line[0] == what and len(line) > 1}
        for what in ("filed", "intended", "settled")
    }
    assert told["settled"]
    rows = sqlite3.connect(database)
    records = {r for (r,) in rows.execute("SELECT id FROM vault_vaultrecord")}
    events = set(rows.execute("SELECT action, record FROM vault_auditevent"))
    done = {r for (r,) in rows.execute("SELECT record FROM vault_journalentry WHERE state = 'done'")}
    assert told["filed"] <= records
    assert told["intended"] <= {record for action, record in events if action == "intended ENCRYPT"}
    assert told["settled"] <= done <= {record for action, record in events if action == "outcome delivered"}
    store = LocalStore(tmp_path / "objects", FakeClock())
    objects = rows.execute("SELECT record_id, key, version, sealed_sha256 FROM vault_vaultobject").fetchall()
    assert {record for record, *_ in objects} == records
    for _, key, version, digest in objects:
        assert hashlib.sha256(b"".join(store.get(key, version))).hexdigest() == digest
        assert store.stat(key, version).locked_until


@pytest.mark.slow
def test_killed_between_any_two_writes(tmp_path: Path) -> None:
    """At each statement of the database and each call of the store to the system: the retry serves the mail once, every
    record is whole, and what the dead left is explained.
    """  # noqa: D205 - one sentence that needs two lines
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.kill_points", str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "SALLYPORT_DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
             "DJANGO_SETTINGS_MODULE": "config.django"}, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told.pop("kills") > 50
    assert told.pop("mails") == told.pop("records")
    assert told.pop("undone") == 0
    assert told.pop("orphan") > 0
    assert told.pop("whole orphan") > 0
    assert told.pop("looked at") > 0
    assert set(told) <= {"remains of a write", "not indexed", "key without row"}, told
