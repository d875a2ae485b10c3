"""The folder store after a power cut at any moment: what was confirmed is there, and nothing half-made looks whole."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import VaultUnavailable
from tests.fakes import NOW, FakeClock
from tests.support.power_cut import Disk, Recorder
from vault.objects import files, local
from vault.objects.local import LocalStore
from vault.objects.port import NoSuchObject

Name = tuple[str, str]


@dataclass(frozen=True)
class Version:
    """As it was confirmed."""

    data: bytes
    lock: datetime | None
    tags: dict[str, str]
    hold: bool = False


@dataclass(frozen=True)
class Step:
    """The calls of one operation are those up to ``end``; afterwards ``name`` is as ``after`` (None: gone)."""

    end: int
    name: Name
    after: Version | None


class Day:
    """What a relay and its housekeeping do, recorded."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.recorder = Recorder(folder)
        self.steps: list[Step] = []
        self._state: dict[Name, Version] = {}
        self.store = LocalStore(folder, FakeClock())
        monkeypatch.setattr(files, "os", self.recorder)
        monkeypatch.setattr(local, "os", self.recorder)

    def put(self, key: str, data: bytes, lock: datetime | None) -> Name:
        version = self.store.put(key, data, tags={"a": "b"}, metadata={}, locked_until=lock).version
        self._ends((key, version), Version(data, lock, {"a": "b"}))
        return key, version

    def extend(self, name: Name, until: datetime) -> None:
        self.store.extend_lock(*name, until)
        self._ends(name, replace(self._state[name], lock=until))

    def hold(self, name: Name) -> None:
        self.store.set_legal_hold(*name, on=True)
        self._ends(name, replace(self._state[name], hold=True))

    def tag(self, name: Name) -> None:
        self.store.set_tags(*name, {"c": "d"})
        self._ends(name, replace(self._state[name], tags={"c": "d"}))

    def delete(self, name: Name) -> None:
        self.store.delete(*name)
        self._ends(name, None)

    def _ends(self, name: Name, after: Version | None) -> None:
        if after:
            self._state[name] = after
        self.steps.append(Step(len(self.recorder.calls), name, after))


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Day:
    day = Day(tmp_path / "objects", monkeypatch)
    lock = NOW + timedelta(days=30)
    first = day.put("v1/p-ann/2026/11/R1/1.age", b"the mail" * 40, lock)
    key = day.put("keys/p-ann/1.age", b"a sealed key", None)
    day.put("v1/p-ann/2026/11/R1/0.age", b"its bundle", lock)
    day.extend(first, lock + timedelta(days=30))
    day.put("v1/p-ann/2026/11/R2/0.age", b"another", lock)
    day.hold(first)
    day.tag(first)
    day.put("keys/p-ann/1.age", b"sealed anew", None)
    day.delete(key)
    monkeypatch.undo()
    return day


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_power_cut_spares(day: Day, data: st.DataObject) -> None:
    """Any moment between two calls, and of what was not synced any part."""
    calls = day.recorder.calls
    moment = data.draw(st.integers(0, len(calls)), "calls before the cut")
    store = _after(day, moment, lambda most: data.draw(st.integers(0, most)))
    _holds(store, day.steps, moment)


@pytest.mark.parametrize("spared", ["all", "nothing", "names only"])
def test_at_every_moment(day: Day, spared: str) -> None:
    """The three ends of what may be: everything reached the disk, nothing that need not, names without content."""
    choose = {"all": lambda most: most, "nothing": lambda _: 0, "names only": lambda most: int(most == 1)}[spared]
    for moment in range(len(day.recorder.calls) + 1):
        _holds(_after(day, moment, choose), day.steps, moment)


def test_a_store_that_did_not_sync_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: without the folder's sync a confirmed file is lost."""
    monkeypatch.setattr(files, "sync_folder", lambda _: None)
    day = Day(tmp_path / "objects", monkeypatch)
    day.put("v1/a.age", b"x", NOW)
    monkeypatch.undo()
    with pytest.raises(NoSuchObject):
        _holds(_after(day, len(day.recorder.calls), lambda _: 0), day.steps, len(day.recorder.calls))


def _after(day: Day, moment: int, survives: Callable[[int], int]) -> LocalStore:
    disk = Disk()
    disk.replay(day.recorder.calls[:moment])
    folder = Path(tempfile.mkdtemp(dir=day.recorder.root.parent))
    disk.after_the_cut(folder, survives)
    return LocalStore(folder, FakeClock())


def _holds(store: LocalStore, steps: list[Step], moment: int) -> None:
    confirmed: dict[Name, Version | None] = {s.name: s.after for s in steps if s.end <= moment}
    current = next((s for s in steps if s.end > moment), None)
    for name, version in confirmed.items():
        under_way = current is not None and current.name == name
        if version is None:
            assert name not in _names(store)
        elif not (under_way and current and current.after is None):
            allowed = [version, current.after] if under_way and current else [version]
            assert _read(store, name) in allowed
    for name in _names(store) - {n for n, v in confirmed.items() if v}:
        assert current is not None
        assert name == current.name  # nothing else may be there
        try:
            assert _read(store, name) == current.after
        except (NoSuchObject, VaultUnavailable):
            continue  # half-made, and it says so


def _names(store: LocalStore) -> set[Name]:
    return {(v.key, v.version) for v in store.list("")}


def _read(store: LocalStore, name: Name) -> Version:
    stat = store.stat(*name)
    return Version(b"".join(store.get(*name)), stat.locked_until, dict(store.tags(*name)), stat.legal_hold)
