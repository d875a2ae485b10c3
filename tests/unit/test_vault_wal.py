"""Durable together: nothing is promised before the disk has it, and one wait serves all who wait."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from domain.errors import JournalUnavailable, VaultUnavailable
from domain.outgoing import Fate, Outcome
from domain.ports import Standing
from tests.build import CARER, envelope
from tests.fakes import NOW
from tests.support.vaults import House, decision, filing
from tests.unit.test_vault_journal import relay
from vault import audit, rows, sql, wal
from vault.models import AuditEvent, JournalEntry

D = "d" * 64


@dataclass
class Disk:
    """Counts waits; each can be held up until ``go``, and made to fail."""

    go: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    syncs: int = 0
    broken: bool = False

    def sync(self) -> None:
        self.syncs += 1
        self.begun.release()
        self.go.wait(30)
        if self.broken:
            raise wal.NotWritten(5, "input/output error")


def test_one_wait_serves_all_who_came_meanwhile() -> None:
    """Seven come while the disk is busy with the first: together they cost one wait more."""
    disk = Disk()
    together = wal.Together(disk.sync)
    asked = threading.Barrier(8)

    def late() -> None:
        mine = together.ticket()
        asked.wait(30)
        together.wait(mine)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(together.wait)
        assert disk.begun.acquire(timeout=30)
        others = [pool.submit(late) for _ in range(7)]
        asked.wait(30)
        disk.go.set()
        for done in (first, *others):
            done.result(30)
    assert disk.syncs == 2


def test_a_wait_that_had_begun_before_serves_nobody_later() -> None:
    """Who comes while the disk is at work may have written too late for it, and waits for the next."""
    disk = Disk()
    together = wal.Together(disk.sync)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(together.wait)
        assert disk.begun.acquire(timeout=30)
        late = pool.submit(together.wait, together.ticket())
        disk.go.set()
        first.result(30)
        late.result(30)
    assert disk.syncs == 2


def test_a_disk_that_failed_once_is_never_believed_again() -> None:
    """The kernel forgets what it could not write, so a later success would prove nothing."""
    disk = Disk(broken=True)
    disk.go.set()
    together = wal.Together(disk.sync)
    with pytest.raises(OSError, match="input/output"):
        together.wait()
    disk.broken = False
    with pytest.raises(OSError, match="earlier"):
        together.wait()
    assert disk.syncs == 1


def _looker(seen: list[list[tuple[Any, ...]]], text: str) -> Callable[[str], None]:
    """In place of the fsync: what another connection sees of the database just then, so what the fsync covers."""

    def sync(_path: str) -> None:
        with sqlite3.connect(connection.settings_dict["NAME"]) as other:
            seen.append(other.execute(text).fetchall())

    return sync


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait of an earlier test is remembered."""
    wal._together.cache_clear()
    monkeypatch.setattr(wal, "_sync", lambda _path: None)


@pytest.mark.usefixtures("database", "fresh")
def test_intent_outcome_and_record_are_on_the_disk_before_they_are_relied_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fsync before delivery covers the record and the intent; the one before 250 covers the outcome."""
    seen: list[list[tuple[Any, ...]]] = []
    text = "SELECT state, (SELECT count(*) FROM vault_vaultrecord) FROM vault_journalentry"
    monkeypatch.setattr(wal, "_sync", _looker(seen, text))
    wal._together.cache_clear()
    journal, mail = relay(), envelope(CARER)
    journal.claim(D, mail, NOW)
    receipt = House(tmp_path).filer().file(filing(), NOW)
    assert seen == []  # nobody has been promised anything yet
    journal.intend(D, mail, receipt, [decision(recipient=CARER)], NOW)
    assert seen == [[("intended", 1)]]
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
    assert seen[1:] == [[("done", 1)]]


@pytest.mark.usefixtures("database", "fresh")
def test_a_retry_that_finds_the_mail_done_waits_for_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other dialogue may have committed and not be durable yet; 250 on its ground would be too early."""
    journal, mail = relay(), envelope(CARER)
    journal.claim(D, mail, NOW)
    receipt = House(tmp_path).filer().file(filing(), NOW)
    journal.intend(D, mail, receipt, [decision(recipient=CARER)], NOW)
    journal.settle(D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW)
    seen: list[list[tuple[Any, ...]]] = []
    monkeypatch.setattr(wal, "_sync", _looker(seen, "SELECT state FROM vault_journalentry"))
    wal._together.cache_clear()
    assert [c.standing for c in journal.claim(D, envelope(CARER), NOW)] == [Standing.DONE]
    assert seen == [[("done",)]]


@pytest.mark.usefixtures("database", "fresh")
@pytest.mark.parametrize("method", ["intend", "settle"])
def test_a_disk_that_fails_is_no_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """The error of the port: 451, and before the intent nothing leaves."""
    journal, mail = relay(), envelope(CARER)
    journal.claim(D, mail, NOW)
    receipt = House(tmp_path).filer().file(filing(), NOW)
    if method == "settle":
        journal.intend(D, mail, receipt, [decision(recipient=CARER)], NOW)

    def fails(_path: str) -> None:
        raise wal.NotWritten(5, "input/output error")

    monkeypatch.setattr(wal, "_sync", fails)
    wal._together.cache_clear()
    calls = {
        "intend": partial(journal.intend, D, mail, receipt, [decision(recipient=CARER)], NOW),
        "settle": partial(journal.settle, D, mail, [Outcome(CARER, Fate.DELIVERED)], NOW),
    }
    with pytest.raises(JournalUnavailable):
        calls[method]()
    wal._together.cache_clear()


def _synchronous() -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA synchronous").fetchone()[0])


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("breaks", [False, True])
def test_everybody_else_on_the_connection_commits_durably_as_before(breaks: bool) -> None:
    """Relaxed (1) only inside; FULL (2) again afterwards, also after an error."""
    connection.ensure_connection()
    with suppress(KeyError), rows.one_statement(VaultUnavailable):
        assert _synchronous() == 1
        {False: None}[breaks]
    assert _synchronous() == 2


@pytest.mark.usefixtures("database")
def test_without_a_log_each_commit_waits_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that takes no write-ahead log: SQLite's own waiting stays on, and there is nothing to flush."""
    connection.ensure_connection()
    monkeypatch.setattr(wal, "_is_wal", lambda _database: False)

    def never(_path: str) -> None:
        raise AssertionError("no such log")

    monkeypatch.setattr(wal, "_together", never)
    with rows.writing(VaultUnavailable):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        assert connection.in_atomic_block
    assert _synchronous() == 2


@pytest.mark.usefixtures("database")
def test_a_log_that_cannot_be_opened_just_now_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was lost by it: too many open files, for one."""
    wal._together.cache_clear()
    monkeypatch.setattr(wal, "_handles", {})  # another test's thread may still hold the log open, and so its handle
    opened = wal.os.open  # type: ignore[attr-defined]

    def no_handles(*_: object) -> int:
        raise OSError(24, "too many open files")

    monkeypatch.setattr(wal.os, "open", no_handles)  # type: ignore[attr-defined]
    with pytest.raises(VaultUnavailable), rows.writing(VaultUnavailable):
        pass
    monkeypatch.setattr(wal.os, "open", opened)  # type: ignore[attr-defined]
    with rows.writing(VaultUnavailable):
        assert connection.in_atomic_block


def _record(action: str) -> None:
    audit.append([audit.Event(NOW, "relay", action)])


def _break_off(writing: Callable[..., Any], then: Callable[[], object]) -> None:
    with writing(VaultUnavailable):
        _record("broken off")
        then()


def _inner() -> None:
    with rows.writing(VaultUnavailable):
        _record("inner")


def _model() -> None:
    JournalEntry.objects.bulk_create([JournalEntry(digest=D, recipient="a@b.example", state="claimed", changed_at=NOW)])


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("writing", [rows.writing, rows.writing_plainly])
def test_what_breaks_off_is_written_not_at_all(writing: Callable[..., Any]) -> None:
    """Rolled back, whatever went wrong; the next is written, and waits for the disk as ever."""
    with pytest.raises(ZeroDivisionError):
        _break_off(writing, lambda: 1 // 0)
    with pytest.raises(VaultUnavailable):
        _break_off(writing, lambda: sql.update("UPDATE no_such_table SET a = %s", ["b"]))
    with writing(VaultUnavailable):
        _record("whole")
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["whole"]
    assert _synchronous() == 2


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("within", [_inner, _model])
def test_a_plain_transaction_has_no_other_in_it(within: Callable[[], None]) -> None:
    """Neither a model's nor ours: refused at once, without waiting for the place that its own thread has."""
    with pytest.raises(VaultUnavailable):
        _break_off(rows.writing_plainly, within)
    assert not AuditEvent.objects.exists()
    assert not JournalEntry.objects.exists()
    assert _synchronous() == 2
