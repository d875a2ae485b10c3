"""Records mode: nothing is filed in a store that has not shown that it keeps what it is told to."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import VaultUnavailable
from tests.fakes import NOW, FakeClock
from vault.objects.local import LocalStore
from vault.objects.port import ObjectLocked, StoreRefused
from vault.objects.probe import PREFIX, probe, probe_unlocked
from vault.objects.proven import Proven


class Troubled(LocalStore):
    """Away, or lax, until it is mended. Counts what is listed below the probe's prefix: once a probe."""

    away = lax = False
    probes = 0
    gate: threading.Event | None = None

    def list(self, prefix: str):  # type: ignore[no-untyped-def]
        self.probes += prefix.startswith(PREFIX)
        if self.gate:
            assert self.gate.wait(10)
        if self.away:
            raise VaultUnavailable("away")
        return super().list(prefix)

    def extend_lock(self, key: str, version: str, until: datetime) -> None:
        if not self.lax:
            super().extend_lock(key, version, until)


@pytest.fixture
def store(tmp_path: Path) -> Troubled:
    return Troubled(tmp_path, FakeClock())


def file(store: Proven) -> str:
    return store.put("v1/a.age", b"x", tags={}, metadata={}, locked_until=NOW + timedelta(days=1)).version


def test_a_good_store_is_asked_once(store: Troubled) -> None:
    """And everything goes through to it."""
    proven = Proven(store, FakeClock())
    proven.prove()
    version, _ = file(proven), file(proven)
    assert store.probes == 1
    assert b"".join(proven.get("v1/a.age", version)) == b"x"
    proven.set_tags("v1/a.age", version, {"a": "b"})
    proven.set_legal_hold("v1/a.age", version, on=True)
    proven.extend_lock("v1/a.age", version, NOW + timedelta(days=2))
    stat = proven.stat("v1/a.age", version)
    assert (proven.tags("v1/a.age", version), stat.legal_hold, stat.locked_until) == (
        {"a": "b"},
        True,
        NOW + timedelta(days=2),
    )
    assert len(list(proven.list("v1/"))) == len(list(proven.versions("v1/"))) == 2
    proven.set_legal_hold("v1/a.age", version, on=False)
    with pytest.raises(Exception, match="lock"):
        proven.delete("v1/a.age", version)


def test_a_store_that_was_away_is_asked_by_the_first_mail(store: Troubled) -> None:
    """Until then nothing is filed; afterwards it is not asked again."""
    proven, store.away = Proven(store, FakeClock()), True
    for attempt in (proven.prove, lambda: file(proven)):
        with pytest.raises(VaultUnavailable) as refused:
            attempt()
        assert not isinstance(refused.value, StoreRefused)
    assert list(store.versions("v1/")) == []
    store.away = False
    file(proven)
    file(proven)
    assert store.probes == 3


def test_a_lax_store_is_never_written_to(store: Troubled) -> None:
    """The first line that is not so is named; asked once a minute; mended, it is taken without a restart."""
    clock = FakeClock()
    proven, store.lax = Proven(store, clock), True
    for attempt in (proven.prove, *[lambda: file(proven)] * 5):
        with pytest.raises(StoreRefused, match="NOT so: shortening its lock is refused"):
            attempt()
    assert store.probes == 1
    assert list(store.versions("v1/")) == []
    store.lax = False
    clock.move(timedelta(minutes=1))
    assert file(proven)
    assert store.probes == 2


class BadLine(LocalStore):
    """The answer to one question is lost, whether it was carried out or not."""

    lost = asked = 0
    carried_out = False

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in {"put", "get", "stat", "tags", "set_tags", "extend_lock", "set_legal_hold", "delete"}:
            return found

        def lossy(*args: Any, **kwargs: Any) -> Any:
            self.asked += 1
            if self.asked != self.lost:
                return found(*args, **kwargs)
            if self.carried_out:
                with suppress(ObjectLocked):
                    found(*args, **kwargs)
            raise VaultUnavailable("no answer")

        return lossy


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("lost", range(30))
def test_a_good_store_on_a_bad_line_is_never_called_bad(tmp_path: Path, lost: int, carried_out: bool) -> None:
    """Whichever question gets no answer: not found out is not the same as not so."""
    store = BadLine(tmp_path, FakeClock())
    store.lost, store.carried_out = lost, carried_out
    lines = probe(store, NOW)
    assert [line.text for line in lines if not line.ok and line.answered] == []
    assert all(line.ok for line in lines) == (not 0 < lost <= store.asked)


def test_mails_do_not_queue_behind_a_probe_that_hangs(store: Troubled) -> None:
    """One asks; the others are told to try again at once."""
    proven, store.gate = Proven(store, FakeClock()), threading.Event()
    with ThreadPoolExecutor(1) as threads:
        asking = threads.submit(file, proven)
        while not store.probes:
            assert not asking.done()
        with pytest.raises(VaultUnavailable, match="being probed"):
            file(proven)
        store.gate.set()
        assert asking.result()


def test_probes_at_the_same_time_do_not_disturb_one_another(tmp_path: Path) -> None:
    """Several relays start at once, over what earlier ones left."""
    clock = FakeClock()
    store = LocalStore(tmp_path, clock)
    for _ in range(3):
        probe(store, clock.now())
    clock.move(timedelta(hours=2))
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(lambda _: probe(store, clock.now()), range(6)))
    assert [line.text for lines in results for line in lines if not line.ok] == []
    assert len(list(store.versions(""))) == 6


def test_a_probe_that_was_killed_leaves_nothing_for_good(tmp_path: Path) -> None:
    """Its hold is taken off by a later probe; what is not a probe's is let be."""
    clock = FakeClock()
    store = LocalStore(tmp_path, clock)
    probe(store, clock.now())
    (left,) = store.list("probe/")
    store.set_legal_hold(left.key, left.version, on=True)
    other = store.put("probe/mine.txt", b"x", tags={}, metadata={}, locked_until=None)
    clock.move(timedelta(hours=2))
    probe_unlocked(store, clock.now())
    assert [v.version for v in store.versions("")] == [other.version]


def test_an_escrow_that_locks_by_itself_is_found_out(tmp_path: Path) -> None:
    """A default retention of the bucket would keep the keys that have to be destroyed."""

    class Locking(LocalStore):
        def put(self, key, data, *, tags, metadata, locked_until):  # type: ignore[no-untyped-def]
            return super().put(key, data, tags=tags, metadata=metadata, locked_until=NOW + timedelta(days=9))

    lines = probe_unlocked(Locking(tmp_path, FakeClock()), NOW)
    assert [line.ok for line in lines] == [False, False]
    assert "stays without" in lines[0].text
