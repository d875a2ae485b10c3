"""A new version under load: its migrations run while mails flow, then each node is replaced; nothing lost or twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support import many_nodes, postgres
from tests.support.ceph import unavailable
from tests.support.house import ROOT, House
from tests.support.many_nodes import Nodes
from tests.support.postfix import need_postfix
from vault import upkeep

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def _until_more_came(nodes: Nodes, mails: int) -> None:
    end, wanted = time.monotonic() + 240, len(nodes.sent) + mails
    while len(nodes.sent) < wanted:
        assert time.monotonic() < end, "no mail got through any more"
        time.sleep(0.2)


def _migrate(house: House) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.next_version"]
    return subprocess.run(command, env=house.environment(), capture_output=True, text=True, check=False, cwd=ROOT)


def _replace_each(nodes: Nodes) -> None:
    """One after the other, as docs/upgrading.md has it: told to stop, gone, started anew, and only then the next."""
    for program in nodes.programs:
        if program.name == "haproxy":
            continue
        before = program.process
        program.strike(15)
        end = time.monotonic() + 120
        while program.process is before or program.process is None:
            assert time.monotonic() < end, f"{program.name} did not end"
            time.sleep(0.2)
        _until_more_came(nodes, 2)


@contextmanager
def _under_load(nodes: Nodes) -> Iterator[None]:
    work = [threading.Thread(target=t, args=a) for t, a in ((nodes.send, (0.2,)), (nodes.look, ()), (nodes.keep, ()))]
    for thread in work:
        thread.start()
    try:
        yield
    finally:
        nodes.over.set()
        for thread in work:
            thread.join(120)


def test_a_new_version_is_rolled_out_under_load(tmp_path: Path) -> None:
    """Two relays, two web processes and a worker go on with the tables of the next version, then are replaced."""
    need_postfix()
    if not shutil.which("haproxy"):
        unavailable("NO HAPROXY: a new version under load was not tested")
    with many_nodes.running(tmp_path) as nodes:
        with _under_load(nodes):
            _until_more_came(nodes, 10)
            done = _migrate(nodes.house)
            assert done.returncode == 0, done.stderr
            after_migration = len(nodes.sent)
            _until_more_came(nodes, 5)
            _replace_each(nodes)
            _until_more_came(nodes, 5)
        nodes.settled(300)
        figures = nodes.prove()
        with psycopg.connect(nodes.database) as ask:
            filled = ask.execute("SELECT count(*) FROM vault_vaultrecord WHERE office = 'north'").fetchall()
            (valid,) = ask.execute("SELECT convalidated FROM pg_constraint WHERE conname = 'rollout_known'").fetchall()
    assert filled[0][0] >= 10
    assert valid == (True,)
    assert len(nodes.sent) >= after_migration + 10
    assert figures["came twice"] == 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with postgres.running() as url:
        yield House(tmp_path_factory.mktemp("tables"), 9, url).set_up()


def test_a_change_that_has_to_wait_lets_the_mail_through(house: House) -> None:
    """A report reads a table for twelve seconds: the change would wait so long, and behind it whoever files a mail."""
    waits: list[float] = []
    with closing(psycopg.connect(house.database_url)) as report:
        report.execute("SELECT count(*) FROM vault_journalentry")  # the lock stays until the transaction ends
        results: list[subprocess.CompletedProcess[str]] = []
        change = threading.Thread(target=lambda: results.append(_migrate(house)))
        change.start()
        _until(lambda: _waits_for_a_lock(house))
        end = time.monotonic() + 12
        while time.monotonic() < end:
            waits.append(_seconds_to_look(house))
        assert change.is_alive(), "the change did not wait for the report"
        report.commit()
        change.join(120)
    assert [r.returncode for r in results] == [0], results
    assert max(waits) < 6, "mail waited behind the change"
    with psycopg.connect(house.database_url) as ask:
        assert ask.execute("SELECT count(office) FROM vault_journalentry").fetchall() == [(0,)]


def _until(true: object, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def _waits_for_a_lock(house: House) -> bool:
    with psycopg.connect(house.database_url) as ask:
        return bool(ask.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'").fetchall())


def _seconds_to_look(house: House) -> float:
    begun = time.monotonic()
    with psycopg.connect(house.database_url) as ask:
        ask.execute("SELECT 1 FROM vault_journalentry LIMIT 1")
    return time.monotonic() - begun


def test_postgresql_is_told_how_often_to_look_after_which_table(house: House) -> None:
    with psycopg.connect(house.database_url) as ask:
        rows = ask.execute("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL").fetchall()
    found = {str(name): dict(option.split("=") for option in options) for name, options in rows}
    assert {table: found[table] for table in upkeep.TABLES} == upkeep.TABLES


def test_what_an_administrator_has_set_stays(house: House) -> None:
    with psycopg.connect(house.database_url) as ask:
        ask.execute("ALTER TABLE vault_auditleaf SET (autovacuum_freeze_min_age = 1000)")
    house.command("migrate")
    with psycopg.connect(house.database_url) as ask:
        ((options,),) = ask.execute("SELECT reloptions FROM pg_class WHERE relname = 'vault_auditleaf'").fetchall()
        ask.execute("ALTER TABLE vault_auditleaf SET (autovacuum_freeze_min_age = 0)")
    assert "autovacuum_freeze_min_age=1000" in options
