"""The contract as a model: whatever is done in whatever order, a store says what a few lines of Python say."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from tests.contract.conftest import RealClock
from tests.fakes import FakeClock
from tests.support.ceph import Ceph
from vault.objects.local import LocalStore
from vault.objects.port import NoSuchObject, ObjectLocked, ObjectStore, Version

KEYS = st.sampled_from(["v1/p-1/a.age", "v1/p-1/b.age", "v1/p-1", "v1/p-1.age", "v1/p-12/a.age", "keys/p-1/1.age"])
TAGS = st.dictionaries(st.sampled_from(["class", "subject", "n"]), st.text("abc+-_ 12", min_size=1, max_size=5))
DAYS = st.integers(1, 40).map(lambda days: timedelta(days=days))
Name = tuple[str, str]


@dataclass(frozen=True)
class Model:
    """One version, as it should be."""

    data: bytes
    tags: dict[str, str]
    lock: datetime | None
    hold: bool = False


class Machine(RuleBasedStateMachine):
    """Over the stores that ``make`` gives; with a clock that can be moved, time passes too."""

    make: ClassVar[Callable[[], tuple[ObjectStore, FakeClock | None]]]
    versions = Bundle("versions")

    def __init__(self) -> None:
        super().__init__()
        self.store, self.clock = type(self).make()
        self.known: dict[Name, Model] = {}
        self.order: dict[str, list[str]] = {}

    @property
    def now(self) -> datetime:
        return (self.clock or RealClock()).now().replace(microsecond=0)

    @rule(target=versions, key=KEYS, data=st.binary(max_size=20), tags=TAGS, lock=st.none() | DAYS)
    def put(self, key: str, data: bytes, tags: dict[str, str], lock: timedelta | None) -> Name:
        until = self.now + lock if lock else None
        name = key, self.store.put(key, data, tags=tags, metadata={"n": "1"}, locked_until=until).version
        assert name not in self.known
        self.known[name] = Model(data, tags, until)
        self.order.setdefault(key, []).insert(0, name[1])
        return name

    @rule(name=versions, tags=TAGS)
    def set_tags(self, name: Name, tags: dict[str, str]) -> None:
        if self.there(name, lambda: self.store.set_tags(*name, tags)):
            self.known[name] = replace(self.known[name], tags=tags)

    @rule(name=versions, on=st.booleans())
    def set_legal_hold(self, name: Name, on: bool) -> None:
        if self.there(name, lambda: self.store.set_legal_hold(*name, on)):
            self.known[name] = replace(self.known[name], hold=on)

    @rule(name=versions, days=DAYS)
    def extend(self, name: Name, days: timedelta) -> None:
        until = self.now + days
        model = self.known.get(name)
        if model and model.lock and until < model.lock:
            with pytest.raises(ObjectLocked):
                self.store.extend_lock(*name, until)
        elif self.there(name, lambda: self.store.extend_lock(*name, until)):
            self.known[name] = replace(self.known[name], lock=until)

    @rule(name=versions)
    def try_to_delete(self, name: Name) -> None:
        model = self.known.get(name)
        if model and (model.hold or (model.lock and self.now < model.lock)):
            with pytest.raises(ObjectLocked):
                self.store.delete(*name)
        elif self.there(name, lambda: self.store.delete(*name)):
            self.gone(name)

    @rule(name=consumes(versions))
    def forget(self, name: Name) -> None:
        """Nothing: so that old versions are not all that is played with."""

    @rule(days=DAYS)
    def time_passes(self, days: timedelta) -> None:
        if self.clock:
            self.clock.move(days)

    def gone(self, name: Name) -> None:
        del self.known[name]
        self.order[name[0]].remove(name[1])

    def there(self, name: Name, do: Callable[[], None]) -> bool:
        """Whether it was done; on what is gone it must say so."""
        if name in self.known:
            do()
            return True
        with pytest.raises(NoSuchObject):
            do()
        return False

    @invariant()
    def it_says_what_the_model_says(self) -> None:
        for (key, version), model in self.known.items():
            stat = self.store.stat(key, version)
            assert (stat.size, stat.locked_until, stat.legal_hold) == (len(model.data), model.lock, model.hold)
            assert stat.metadata["n"] == "1"
            assert self.store.tags(key, version) == model.tags
            assert b"".join(self.store.get(key, version)) == model.data

    @invariant()
    def it_lists_what_there_is(self) -> None:
        expected = [
            Version(key, version, len(self.known[key, version].data))
            for key in sorted(self.order)
            for version in self.order[key]
        ]
        for prefix in ("", "v1/p-1", "v1/p-1/", "keys/"):
            assert list(self.store.list(prefix)) == [v for v in expected if v.key.startswith(prefix)]
        assert list(self.store.versions("")) == expected
        for key, versions in self.order.items():
            if versions:
                assert self.store.stat(key).version == versions[0]


def machine(make: Callable[[], tuple[ObjectStore, FakeClock | None]]) -> type[Machine]:
    """For one kind of store."""
    return type("MachineOfOne", (Machine,), {"make": staticmethod(make)})


def test_the_folder_is_as_the_model(tmp_path: Path) -> None:
    """With time passing."""

    def make() -> tuple[ObjectStore, FakeClock]:
        clock = FakeClock()
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        shutil.rmtree(folder)
        return LocalStore(folder, clock), clock

    run_state_machine_as_test(
        machine(make),
        settings=settings(
            max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_ceph_is_as_the_model(rgw: Ceph) -> None:
    """By its own clock, so no lock runs out meanwhile."""
    run_state_machine_as_test(
        machine(lambda: (rgw.store(f"t-{uuid.uuid4().hex}"), None)),
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
