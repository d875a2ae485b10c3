"""What every object store must do; run over a folder, a real Ceph RGW, and moto."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.conftest import RealClock
from vault.objects.port import CHUNK, NoSuchObject, ObjectLocked, ObjectStore, Stored
from vault.objects.probe import probe, probe_unlocked

KEY = "v1/p-0123456789/2026/11/01ABC/0.age"
TAGS = {"class": "medical", "subject": "p-1+p-2", "retain-until": "2046-11-23", "decision": "ENCRYPT"}


def put(store: ObjectStore, data: bytes = b"sealed", key: str = KEY, lock: timedelta | None = None) -> Stored:
    until = RealClock().now() + lock if lock else None
    return store.put(key, data, tags=TAGS, metadata={"record": "01ABC", "number": "0"}, locked_until=until)


@pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK + 17])
def test_bytes_come_back_in_pieces(store: ObjectStore, size: int) -> None:
    """What is put is what is got, with its size and SHA-256, never more than a piece at once."""
    data = os.urandom(size)
    stored = put(store, data)
    pieces = list(store.get(stored.key, stored.version))
    assert b"".join(pieces) == data
    assert all(len(p) <= CHUNK for p in pieces)
    assert (stored.size, stored.sha256) == (size, hashlib.sha256(data).hexdigest())


def test_metadata_and_tags_come_back(store: ObjectStore) -> None:
    """Housekeeping and a restore without the database go by them."""
    stored = put(store, b"12345")
    stat = store.stat(stored.key, stored.version)
    assert (stat.key, stat.version, stat.size) == (KEY, stored.version, 5)
    assert {"record": "01ABC", "number": "0"}.items() <= stat.metadata.items()
    assert store.tags(stored.key, stored.version) == TAGS


def test_a_second_put_is_a_second_version(store: ObjectStore) -> None:
    """Nothing is ever written over; the newest is what is got without a version."""
    first, second = put(store, b"first"), put(store, b"second")
    assert first.version != second.version
    assert b"".join(store.get(KEY, first.version)) == b"first"
    assert b"".join(store.get(KEY)) == b"second"
    assert store.stat(KEY).version == second.version
    assert [v.version for v in store.list(KEY)] == [second.version, first.version]


def test_list_goes_by_prefix(store: ObjectStore) -> None:
    """A person's objects are found by the beginning of their keys."""
    for key in ("v1/p-1/a.age", "v1/p-1/b.age", "v1/p-12/c.age"):
        put(store, b"x", key)
    assert [v.key for v in store.list("v1/p-1/")] == ["v1/p-1/a.age", "v1/p-1/b.age"]
    assert {v.key for v in store.list("v1/p-1")} == {"v1/p-1/a.age", "v1/p-1/b.age", "v1/p-12/c.age"}
    assert len(list(store.list(""))) == 3
    assert list(store.list("v1/nobody/")) == []


def test_a_locked_version_cannot_be_deleted(store: ObjectStore) -> None:
    """COMPLIANCE: not by us either."""
    stored = put(store, lock=timedelta(minutes=5))
    with pytest.raises(ObjectLocked):
        store.delete(stored.key, stored.version)
    assert b"".join(store.get(stored.key, stored.version)) == b"sealed"


def test_the_lock_reads_back_at_least_as_long_as_asked(store: ObjectStore) -> None:
    """Servers keep whole seconds; rounding never shortens."""
    until = datetime.now(UTC).replace(microsecond=999_999) + timedelta(minutes=5)  # noqa: TID251 - the servers have a clock of their own
    stored = store.put(KEY, b"x", tags={}, metadata={}, locked_until=until)
    lock = store.stat(stored.key, stored.version).locked_until
    assert lock is not None
    assert timedelta(0) <= lock - until < timedelta(seconds=1)


def test_a_lock_can_be_extended_and_not_shortened(store: ObjectStore) -> None:
    """Housekeeping extends; nobody shortens."""
    stored = put(store, lock=timedelta(minutes=5))
    longer = (RealClock().now() + timedelta(minutes=9)).replace(microsecond=0)
    store.extend_lock(stored.key, stored.version, longer)
    assert store.stat(stored.key, stored.version).locked_until == longer
    with pytest.raises(ObjectLocked):
        store.extend_lock(stored.key, stored.version, longer - timedelta(minutes=3))
    assert store.stat(stored.key, stored.version).locked_until == longer


def test_a_lock_that_has_run_out_lets_go(store: ObjectStore) -> None:
    """Disposal is possible afterwards."""
    stored = put(store, lock=timedelta(seconds=2))
    time.sleep(3.2)
    store.delete(stored.key, stored.version)
    with pytest.raises(NoSuchObject):
        store.stat(stored.key, stored.version)


def test_an_unlocked_version_is_deleted_for_good(store: ObjectStore) -> None:
    """Sealed secrets of people lie unlocked, so that they can be destroyed; no hidden version stays."""
    stored, other = put(store, b"old"), put(store, b"new")
    assert store.stat(stored.key, stored.version).locked_until is None
    store.delete(stored.key, stored.version)
    assert [v.version for v in store.list(KEY)] == [other.version]
    with pytest.raises(NoSuchObject):
        b"".join(store.get(stored.key, stored.version))


def test_tags_are_replaced_whole(store: ObjectStore) -> None:
    """Housekeeping keeps tags in step with rows: the old ones go, lock or no lock; the bytes stay as they were."""
    stored = put(store, lock=timedelta(minutes=5))
    store.set_tags(stored.key, stored.version, {"class": "legal", "new": "1"})
    assert store.tags(stored.key, stored.version) == {"class": "legal", "new": "1"}
    store.set_tags(stored.key, stored.version, {})
    assert store.tags(stored.key, stored.version) == {}
    assert b"".join(store.get(stored.key, stored.version)) == b"sealed"
    assert store.stat(stored.key, stored.version).metadata["record"] == "01ABC"


def test_a_legal_hold_forbids_deletion_until_it_is_taken_off(store: ObjectStore) -> None:
    """It needs no lock and outlives one; on twice is on, off twice is off."""
    stored = put(store)
    assert store.stat(stored.key, stored.version).legal_hold is False
    for _ in range(2):
        store.set_legal_hold(stored.key, stored.version, on=True)
        assert store.stat(stored.key, stored.version).legal_hold is True
        with pytest.raises(ObjectLocked):
            store.delete(stored.key, stored.version)
    assert b"".join(store.get(stored.key, stored.version)) == b"sealed"
    for _ in range(2):
        store.set_legal_hold(stored.key, stored.version, on=False)
        assert store.stat(stored.key, stored.version).legal_hold is False
    store.delete(stored.key, stored.version)
    assert list(store.versions(KEY)) == []


def test_lock_and_hold_do_not_know_of_each_other(store: ObjectStore) -> None:
    """Either alone forbids; setting one leaves the other, the tags and the metadata as they were."""
    stored = put(store, lock=timedelta(minutes=5))
    lock = store.stat(stored.key, stored.version).locked_until
    assert lock
    store.set_legal_hold(stored.key, stored.version, on=True)
    store.extend_lock(stored.key, stored.version, lock + timedelta(minutes=1))
    stat = store.stat(stored.key, stored.version)
    assert (stat.legal_hold, stat.locked_until) == (True, lock + timedelta(minutes=1))
    store.set_legal_hold(stored.key, stored.version, on=False)
    stat = store.stat(stored.key, stored.version)
    assert (stat.legal_hold, stat.locked_until) == (False, lock + timedelta(minutes=1))
    assert store.tags(stored.key, stored.version) == TAGS
    with pytest.raises(ObjectLocked):
        store.delete(stored.key, stored.version)


def test_a_hold_is_on_one_version(store: ObjectStore) -> None:
    """Another version of the same key can go."""
    held, free = put(store, b"held"), put(store, b"free")
    store.set_legal_hold(held.key, held.version, on=True)
    store.delete(free.key, free.version)
    assert [v.version for v in store.versions(KEY)] == [held.version]


def test_versions_goes_on_behind_a_key(store: ObjectStore) -> None:
    """In the order of keys, so that a long listing can be taken up again; a slash sorts behind a hyphen and a dot."""
    keys = ["v1/a-b/0.age", "v1/a.b/0.age", "v1/a/0.age", "v1/a/1.age", "v1/a0/0.age", "v2/x.age", "v3.age"]
    for key in [*keys[::-1], "v1/a/0.age"]:
        put(store, b"x", key)
    seen = [v.key for v in store.versions("")]
    assert seen == sorted([*keys, "v1/a/0.age"])
    for after in [*keys, "v1/a", "v1/a/", "v1/a/0", "zz"]:
        assert [v.key for v in store.versions("", after)] == [k for k in seen if k > after]
        assert [v.key for v in store.versions("v1/a", after)] == [k for k in seen if k > after and k.startswith("v1/a")]


def test_versions_lists_whatever_there_is(store: ObjectStore) -> None:
    """The proof of a disposal: empty means gone."""
    first, second = put(store, b"first"), put(store, b"second!")
    assert sorted(v.size for v in store.versions(KEY)) == [5, 7]
    store.delete(first.key, first.version)
    assert [(v.key, v.version, v.marker) for v in store.versions("v1/")] == [(KEY, second.version, False)]
    store.delete(second.key, second.version)
    assert list(store.versions("")) == []


def test_what_is_not_there_is_said_so(store: ObjectStore) -> None:
    """A missing object is its own error, whichever way it is asked for."""
    stored = put(store)
    gone = stored.version[:-4] + ("0000" if stored.version[-4:] != "0000" else "1111")
    for ask in (
        lambda: list(store.get("v1/none.age")),
        lambda: store.stat("v1/none.age"),
        lambda: store.tags("v1/none.age"),
        lambda: store.stat(stored.key, gone),
        lambda: store.delete(stored.key, gone),
        lambda: store.set_tags(stored.key, gone, {}),
        lambda: store.set_legal_hold(stored.key, gone, on=True),
        lambda: store.extend_lock(stored.key, gone, RealClock().now() + timedelta(minutes=1)),
    ):
        with pytest.raises(NoSuchObject):
            ask()


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "v1/../../x",
        "v1//x",
        "v1/./x",
        "v1/x\0",
        "v1/x\n",
        "v1/ä",
        "v1/x/",
        ".hidden",
        "v1/" + "x" * 600,
        "a@b",
    ],
)
def test_a_key_cannot_climb_out(store: ObjectStore, key: str) -> None:
    """Only plain relative keys; the same on both stores, so that one can be copied to the other."""
    for ask in (
        lambda: put(store, b"x", key),
        lambda: list(store.get(key)),
        lambda: store.stat(key),
        lambda: store.tags(key),
        lambda: store.delete(key, "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        lambda: store.set_tags(key, "01ARZ3NDEKTSV4RRFFQ69G5FAV", {}),
        lambda: store.set_legal_hold(key, "01ARZ3NDEKTSV4RRFFQ69G5FAV", on=True),
    ):
        with pytest.raises(ValueError):
            ask()


def test_many_at_once(store: ObjectStore) -> None:
    """Threads do not disturb one another, also not on one key."""
    with ThreadPoolExecutor(8) as threads:
        stored = list(threads.map(lambda n: put(store, b"%d" % n, f"v1/k{n % 4}.age"), range(24)))
    assert len({(s.key, s.version) for s in stored}) == 24
    for number, one in enumerate(stored):
        assert b"".join(store.get(one.key, one.version)) == b"%d" % number


def test_the_probe_is_satisfied(store: ObjectStore) -> None:
    """A store that passes this suite passes `sallyport check`."""
    lines = probe(store, RealClock().now())
    assert len(lines) == 14
    assert [line.text for line in lines if not line.ok] == []
    assert all(line.ok for line in probe_unlocked(store, RealClock().now()))
    assert len(list(store.versions("probe/"))) == 1  # the locked one, for the next probe to tidy away


def test_what_is_read_back_is_the_bytes_with_their_lock(store: ObjectStore) -> None:
    """The same that `get` and `stat` say, asked at once."""
    until = datetime.now(UTC) + timedelta(seconds=3)  # noqa: TID251 - the servers' locks go by real time
    stored = store.put("a/b.age", b"sealed" * 1000, tags={}, metadata={"record": "r"}, locked_until=until)
    read = store.read_back(stored.key, stored.version)
    assert read.sha256 == hashlib.sha256(b"".join(store.get(stored.key, stored.version))).hexdigest() == stored.sha256
    assert read.stat == store.stat(stored.key, stored.version)
    assert read.stat.locked_until is not None
    with pytest.raises(NoSuchObject):
        store.read_back("a/c.age", stored.version)
