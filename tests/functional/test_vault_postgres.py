"""The vault's own tests once more, over PostgreSQL; and relays as processes, over both databases."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres

ROOT = Path(__file__).parents[2]
FILES = [
    "journal",
    "resend",
    "audit",
    "filing",
    "sealing",
    "rotation",
    "escrow",
    "unseal",
    "search",
    "finding",
    "opened",
    "reconcile",
    "sweep",
    "held",
    "correspondence",
]
LOG = ["merkle", "verify", "looks"]


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    with postgres.running() as url:
        yield url


def environment(url: str) -> dict[str, str]:
    return {**os.environ, "SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"}


def migrate(url: str) -> None:
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
    subprocess.run(command, env=environment(url), cwd=ROOT, check=True, timeout=120)


@pytest.mark.slow
@pytest.mark.timeout(660)
@pytest.mark.parametrize("names", [FILES, LOG], ids=["vault", "audit log"])
def test_the_vaults_tests_hold_on_postgresql(postgres_url: str, names: list[str]) -> None:
    """Constraints, conditional updates, triggers and threads behave there as on SQLite."""
    files = [f"tests/unit/test_vault_{name}.py" for name in names]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(
        command, env=environment(postgres_url), cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > 80
    skipped = re.search(r"(\d+) skipped", done.stdout)  # one is about a file of SQLite's
    assert skipped is None or int(skipped[1]) <= 1
    with psycopg.connect(postgres_url) as server:  # and not on SQLite without anybody's noticing
        (commits,) = server.execute(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"
        ).fetchone() or (0,)
    assert commits > int(passed[1])


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_processes_with_the_same_mails_have_one_winner_each(
    request: pytest.FixtureRequest, tmp_path: Path, database: str
) -> None:
    """Four relay processes, as on four nodes, claim the same forty mails at the same moment."""
    url = f"sqlite:///{tmp_path / 'db.sqlite3'}" if database == "sqlite" else request.getfixturevalue("postgres_url")
    migrate(url)
    start = tmp_path / "start"
    relays = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.claimers", f"relay-{n}", str(start), "40"],
            env=environment(url), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(4)
    ]  # fmt: skip
    for relay in relays:
        assert relay.stderr
        assert relay.stderr.readline() == "ready\n"
    start.touch()
    won = [line for relay in relays for line in relay.communicate(timeout=120)[0].split()]
    assert [relay.returncode for relay in relays] == [0] * 4
    assert sorted(won) == sorted(f"mail-{n}" for n in range(40))


@pytest.mark.slow
def test_a_relay_reconnects_after_the_database_came_back(postgres_url: str) -> None:
    """A dropped connection costs one mail a 451, not every mail until a restart."""
    migrate(postgres_url)
    script = """
import django; django.setup()
from datetime import timedelta
from django.db import connection
from domain.errors import JournalUnavailable
from domain.outgoing import Fate, Outcome
from domain.ports import Standing
from tests.build import CARER, envelope
from tests.fakes import NOW
from vault.journal import RowJournal
journal = RowJournal(lease=timedelta(minutes=1), remember=timedelta(days=7), owner="r")
def cut():
    connection.ensure_connection()
    import psycopg
    with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
mail = envelope()
cut()
try:
    journal.claim("reconnect", mail, NOW)
except JournalUnavailable:
    print("refused once")
(claim,) = journal.claim("reconnect", mail, NOW)
assert claim.standing is Standing.NEW, claim
cut()
journal.settle("reconnect", mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
(claim,) = journal.claim("reconnect", envelope(), NOW)
assert claim.standing is Standing.DONE, claim
print("settled")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(postgres_url), cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.split("\n") == ["refused once", "settled", ""], done.stderr[-2000:]
