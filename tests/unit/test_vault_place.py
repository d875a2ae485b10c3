"""The writer's place goes from one to the next, also between processes, and never stays with one that is dead."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from vault import wal
from vault.place import Place


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = tmp_path / "d.sqlite3"
    path.touch(mode=0o640)
    return str(path)


def _another_process(database: str) -> tuple[int, int]:
    """It takes the place, says so, and keeps it. Its id, and where to read that it has it."""
    says, told = os.pipe()
    child = os.fork()
    if not child:
        Place().take(database)
        os.write(told, b"!")
        while True:
            signal.pause()
    os.close(told)
    return child, says


def test_one_of_two_processes_waits_until_the_other_is_gone(database: str) -> None:
    """Killed, it gives nothing back; the kernel does."""
    child, says = _another_process(database)
    assert os.read(says, 1) == b"!"
    mine, had = Place(), threading.Event()

    def take() -> None:
        mine.take(database)
        had.set()

    thread = threading.Thread(target=take)
    thread.start()
    assert not had.wait(0.3)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert had.wait(10)
    thread.join()
    mine.leave(database)
    os.close(says)


def test_threads_of_one_process_take_turns(database: str) -> None:
    """With a file and without one: never two at once."""
    for name in (database, ""):
        place, inside, most = Place(), [0], [0]

        def work(place: Place = place, name: str = name, inside: list[int] = inside, most: list[int] = most) -> None:
            for _ in range(20):
                place.take(name)
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0.0005)
                inside[0] -= 1
                place.leave(name)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most == [1]


def test_a_place_that_cannot_be_had_is_free_for_the_next(tmp_path: Path, database: str) -> None:
    """The database's folder is gone: an error, and no lock that stays behind."""
    place = Place()
    with pytest.raises(FileNotFoundError):
        place.take(str(tmp_path / "gone" / "d.sqlite3"))
    place.take(database)
    place.leave(database)
    assert Path(database + "-turn").stat().st_uid == Path(database).stat().st_uid


def test_what_one_process_learns_of_the_disk_all_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child's fdatasync fails: its parent believes the disk no more, though its own calls succeed."""
    monkeypatch.setattr(wal, "_shared", wal._shared)  # put back afterwards, whatever it becomes here
    wal.share_failures()
    monkeypatch.setattr(wal, "_sync", lambda _path: None)
    wal._together.cache_clear()
    try:
        mine = wal._together("log")
        mine.wait()
        child = os.fork()
        if not child:
            monkeypatch.setattr(wal, "_sync", _fails)
            wal._together.cache_clear()
            try:
                wal._together("log").wait()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        with pytest.raises(wal.NotWritten, match="earlier"):
            mine.wait()
    finally:
        wal._together.cache_clear()


def _fails(_path: str) -> None:
    raise wal.NotWritten(5, "input/output error")


def test_the_log_is_opened_anew_when_it_is_another_file(tmp_path: Path) -> None:
    """SQLite makes a new one when nobody had the database open."""
    log = tmp_path / "d.sqlite3-wal"
    log.touch()
    first = wal._handle(str(log))
    assert wal._handle(str(log)) == first
    log.rename(tmp_path / "old")
    log.touch()
    again = wal._handle(str(log))
    assert os.fstat(again).st_ino == log.stat().st_ino
