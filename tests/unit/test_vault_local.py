"""The folder store under crashes, full disks and tampering."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import VaultUnavailable
from tests.fakes import NOW, FakeClock
from vault.ids import made_at, new_id
from vault.objects import folders
from vault.objects.local import LocalStore
from vault.objects.port import ObjectLocked
from vault.objects.probe import probe

ROOT = Path(__file__).parents[2]
WRITER = """
import os, sys
from pathlib import Path
from tests.fakes import NOW, FakeClock
from vault.objects.local import LocalStore
import hashlib
store = LocalStore(Path(sys.argv[1]), FakeClock())
n = 0
while True:
    n += 1
    data = os.urandom(200_000)
    digest = hashlib.sha256(data).hexdigest()
    store.put(f"v1/p/{n % 7}.age", data, tags={}, metadata={"sha256": digest}, locked_until=NOW)
    print(n, flush=True)
"""


def put(store: LocalStore, data: bytes = b"x") -> str:
    return store.put("v1/a.age", data, tags={"t": "1"}, metadata={}, locked_until=NOW + timedelta(days=1)).version


@pytest.mark.parametrize("wait", [0.02, 0.05, 0.09, 0.14, 0.2])
def test_killed_while_writing_leaves_only_whole_versions(tmp_path: Path, wait: float) -> None:
    """Kill -9 at any moment: whatever is listed has its lock, its metadata and every byte."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    assert writer.stdout.readline() == "1\n"  # one whole version is there, however busy the machine
    time.sleep(wait)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    store = LocalStore(tmp_path, FakeClock())
    versions = list(store.list(""))
    assert versions
    for found in versions:
        stat = store.stat(found.key, found.version)
        data = b"".join(store.get(found.key, found.version))
        assert hashlib.sha256(data).hexdigest() == stat.metadata["sha256"]
        assert stat.locked_until == NOW


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """The write stops half way: unavailable, no version, no litter."""
    store = LocalStore(tmp_path, FakeClock())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        with pytest.raises(VaultUnavailable):
            put(store, b"x" * 300_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_nobody_else_may_read(tmp_path: Path) -> None:
    """Modes 0700 and 0600 throughout."""
    root = tmp_path / "objects"
    put(LocalStore(root, FakeClock()))
    assert {oct(p.stat().st_mode & 0o777) for p in [root, *root.rglob("*")] if p.is_dir()} == {"0o700"}
    assert {oct(p.stat().st_mode & 0o777) for p in root.rglob("*") if p.is_file()} == {"0o600"}


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json", b'{"tags": {}}'])
def test_a_damaged_side_file_does_not_read_as_unlocked(tmp_path: Path, damage: bytes) -> None:
    store = LocalStore(tmp_path, FakeClock())
    version = put(store)
    (tmp_path / f"v1/a.age@{version}.json").write_bytes(damage)
    with pytest.raises(VaultUnavailable):
        store.delete("v1/a.age", version)
    assert b"".join(store.get("v1/a.age", version)) == b"x"


def test_the_lock_goes_by_the_clock_given(tmp_path: Path) -> None:
    clock = FakeClock()
    store = LocalStore(tmp_path, clock)
    version = put(store)
    clock.move(timedelta(hours=23))
    with pytest.raises(ObjectLocked):
        store.delete("v1/a.age", version)
    clock.move(timedelta(hours=2))
    store.delete("v1/a.age", version)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_an_unreachable_folder_is_unavailable(tmp_path: Path) -> None:
    """The place is taken by a file: refused when the store is built."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(VaultUnavailable):
        LocalStore(tmp_path / "taken" / "objects", FakeClock())


def test_a_folder_that_went_away_is_unavailable(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects", FakeClock())
    (tmp_path / "objects").rename(tmp_path / "gone")
    for ask in (lambda: list(store.list("")), lambda: list(store.versions("v1/a.age"))):
        with pytest.raises(VaultUnavailable):  # and not empty: that would prove a disposal
            ask()
    (tmp_path / "objects").write_text("a file now")
    for ask in (lambda: put(store), lambda: list(store.list("")), lambda: list(store.versions("v1/a.age"))):
        with pytest.raises(VaultUnavailable):
            ask()


def test_a_folder_that_cannot_be_read_is_not_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk error below one person's folder: nothing is listed, rather than less."""
    store = LocalStore(tmp_path, FakeClock())
    put(store)

    def failing(folder: str) -> object:
        if folder.endswith("v1"):
            raise OSError(5, "Input/output error")
        return os.scandir(folder)

    recorder = SimpleNamespace(**{n: getattr(os, n) for n in ("path", "stat", "listdir")}, scandir=failing)
    monkeypatch.setattr(folders, "os", recorder)
    for listing in (store.list, store.versions):
        with pytest.raises(VaultUnavailable):
            list(listing(""))


def test_tags_and_lock_lie_beside_as_json(tmp_path: Path) -> None:
    """The layout that docs/vault-format.md promises to whoever restores by hand."""
    version = put(LocalStore(tmp_path, FakeClock()), b"bytes")
    assert (tmp_path / f"v1/a.age@{version}").read_bytes() == b"bytes"
    side = json.loads((tmp_path / f"v1/a.age@{version}.json").read_text())
    assert side == {"tags": {"t": "1"}, "metadata": {}, "locked_until": "2026-11-24T09:00:00+00:00"}


class Lax(LocalStore):
    """A server that takes every lock and keeps none, as some S3 servers do."""

    fault = ""

    def delete(self, key: str, version: str) -> None:
        if self.fault != "deletes":
            super().delete(key, version)

    def extend_lock(self, key: str, version: str, until: object) -> None:
        if self.fault == "shortens":
            side = next(self._root.rglob(f"*@{version}.json"))
            content = json.loads(side.read_text())
            content["locked_until"] = until.isoformat()  # type: ignore[attr-defined]
            side.write_text(json.dumps(content))
            return
        super().extend_lock(key, version, until)  # type: ignore[arg-type]

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:
        if self.fault != "holds":
            super().set_legal_hold(key, version, on)

    def set_tags(self, key: str, version: str, tags: Mapping[str, str]) -> None:
        if self.fault != "tags":
            super().set_tags(key, version, tags)


@pytest.mark.parametrize(
    ("fault", "bad"),
    [
        ("", []),
        ("deletes", ["deleting it", "deleting what is held", "nothing of it stays"]),
        ("shortens", ["shortening", "as long"]),
        ("holds", ["a legal hold is kept", "deleting what is held", "can be taken off", "what is free"]),
        ("tags", ["can be changed"]),
    ],
)
def test_the_probe_finds_out_a_lax_server(tmp_path: Path, fault: str, bad: list[str]) -> None:
    """Each line says what is not so."""
    store = Lax(tmp_path, FakeClock())
    store.fault = fault
    failed = [line.text for line in probe(store, NOW) if not line.ok]
    assert len(failed) == len(bad)
    assert all(text.startswith("NOT so: ") and word in text for text, word in zip(failed, bad, strict=True))


def test_the_probe_tidies_up_after_itself(tmp_path: Path) -> None:
    """Probes whose lock has run out are removed by the next one."""
    clock = FakeClock()
    store = LocalStore(tmp_path, clock)
    probe(store, clock.now())
    clock.move(timedelta(hours=1))
    probe(store, clock.now())
    assert len(list(store.list("probe/"))) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["probe"]


def test_a_hold_lies_beside_as_json_while_it_is_on(tmp_path: Path) -> None:
    """And says so to whoever reads the folder by hand."""
    store = LocalStore(tmp_path, FakeClock())
    version = put(store)
    side = tmp_path / f"v1/a.age@{version}.json"
    before = side.read_bytes()
    store.set_legal_hold("v1/a.age", version, on=True)
    assert json.loads(side.read_text())["legal_hold"] is True
    store.set_legal_hold("v1/a.age", version, on=False)
    assert side.read_bytes() == before


def test_a_hold_that_cannot_be_read_is_no_release(tmp_path: Path) -> None:
    """A side file with anything else than true there is damaged, not free."""
    clock = FakeClock()
    store = LocalStore(tmp_path, clock)
    version = put(store)
    side = tmp_path / f"v1/a.age@{version}.json"
    side.write_text(json.dumps({**json.loads(side.read_text()), "legal_hold": "maybe"}))
    clock.move(timedelta(days=2))
    with pytest.raises(VaultUnavailable):
        store.delete("v1/a.age", version)
    assert b"".join(store.get("v1/a.age", version)) == b"x"


def test_changes_at_the_same_time_do_not_undo_each_other(tmp_path: Path) -> None:
    """Housekeeping extends locks and sets tags while a hold is set, in threads, over two stores: the hold stays."""
    stores = [LocalStore(tmp_path, FakeClock()) for _ in range(2)]
    version = put(stores[0])

    def change(number: int) -> None:
        store = stores[number % 2]
        if number == 20:
            store.set_legal_hold("v1/a.age", version, on=True)
        elif number % 3:
            store.extend_lock("v1/a.age", version, NOW + timedelta(days=30))
        else:
            store.set_tags("v1/a.age", version, {"n": str(number)})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(change, range(60)))
    stat = stores[0].stat("v1/a.age", version)
    assert (stat.legal_hold, stat.locked_until) == (True, NOW + timedelta(days=30))


def test_what_a_broken_write_left_is_seen_and_can_be_removed(tmp_path: Path) -> None:
    """Bytes of a copy that never came to be still are bytes: `versions` shows them, once nobody can be at it."""
    clock = FakeClock()
    store = LocalStore(tmp_path, clock)
    version = new_id(clock.now())
    base = tmp_path / "v1" / f"a.age@{version}"
    base.parent.mkdir()
    (tmp_path / "v1" / f"a.age@{version}.json").write_bytes(b'{"ta')
    (tmp_path / "v1" / f"a.age@{version}.0123456789abcdef.part").write_bytes(b"half of it")
    assert list(store.list("")) == []
    (found,) = store.versions("v1/")
    assert (found.key, found.version, found.size) == ("v1/a.age", version, 10)
    with pytest.raises(ObjectLocked):
        store.delete(found.key, found.version)
    clock.move(timedelta(hours=2))
    store.delete(found.key, found.version)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@settings(max_examples=200)
@given(st.timedeltas(timedelta(), timedelta(days=365 * 200)))
def test_an_identifier_says_when(later: timedelta) -> None:
    """To the microsecond; the sweep goes by it."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + later
    assert made_at(new_id(at)) == at
