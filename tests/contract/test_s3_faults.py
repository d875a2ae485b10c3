"""S3 over a line that loses things, and servers that cannot be used."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.errors import VaultUnavailable
from tests.contract.conftest import RealClock
from tests.support.ceph import Ceph, free_port
from tests.support.flaky import FlakyProxy
from vault.objects import s3
from vault.objects.probe import probe
from vault.objects.s3 import S3Store

KEY = "v1/service/2026/11/01ABC/0.age"


@pytest.fixture
def proxy(rgw: Ceph) -> Iterator[FlakyProxy]:
    with FlakyProxy(rgw.endpoint) as between:
        yield between


@pytest.fixture
def direct(rgw: Ceph) -> tuple[S3Store, str]:
    bucket = f"t-{uuid.uuid4().hex}"
    return rgw.store(bucket), bucket


def put(store: S3Store, data: bytes = b"sealed") -> str:
    until = RealClock().now() + timedelta(minutes=5)
    return store.put(KEY, data, tags={}, metadata={}, locked_until=until).version


def test_a_lost_reply_does_not_store_it_twice(rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]) -> None:
    """The PUT was carried out, the answer was lost: the version is found by listing, and nothing is sent again."""
    store, bucket = direct
    proxy.next("reply")
    version = put(rgw.store(bucket, endpoint=proxy.endpoint))
    assert [v.version for v in store.list(KEY)] == [version]
    assert proxy.puts == 1


def test_a_lost_request_is_sent_once_more(rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]) -> None:
    store, bucket = direct
    proxy.next("request")
    version = put(rgw.store(bucket, endpoint=proxy.endpoint))
    assert [v.version for v in store.list(KEY)] == [version]
    assert proxy.puts == 2


def test_twice_lost_is_unavailable(rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]) -> None:
    store, bucket = direct
    proxy.next("request", times=2)
    with pytest.raises(VaultUnavailable):
        put(rgw.store(bucket, endpoint=proxy.endpoint))
    assert list(store.list("")) == []


def test_an_older_version_is_not_taken_for_a_lost_one(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]
) -> None:
    """Same key, same size, other bytes: it has to be sent."""
    store, bucket = direct
    old = put(store, b"before")
    proxy.next("request")
    new = put(rgw.store(bucket, endpoint=proxy.endpoint), b"after!")
    assert new != old
    assert b"".join(store.get(KEY)) == b"after!"


@pytest.mark.parametrize("fault", ["cut", "503", "507"])
def test_what_is_broken_off_or_put_off_is_sent_once_more(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str], fault: str
) -> None:
    """The line breaks in the middle of the body, or the server says that it cannot just now: looked for, sent again."""
    store, bucket = direct
    proxy.next(fault)
    data = os.urandom(300_000)
    version = put(rgw.store(bucket, endpoint=proxy.endpoint), data)
    assert [v.version for v in store.list(KEY)] == [version]
    assert b"".join(store.get(KEY, version)) == data
    assert proxy.seen == ["PUT", "GET", "PUT"]


@pytest.mark.parametrize("fault", ["503", "507"])
def test_a_server_that_stays_busy_or_full_is_unavailable(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str], fault: str
) -> None:
    store, bucket = direct
    proxy.next(fault, times=2)
    with pytest.raises(VaultUnavailable):
        put(rgw.store(bucket, endpoint=proxy.endpoint))
    assert list(store.versions("")) == []
    assert proxy.puts == 2


def test_a_body_that_was_damaged_on_the_way_is_refused(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]
) -> None:
    """The server compares by what was sent along (here the signature's SHA-256), and keeps nothing."""
    store, bucket = direct
    proxy.next("damage")
    with pytest.raises(VaultUnavailable):
        put(rgw.store(bucket, endpoint=proxy.endpoint), os.urandom(1000))
    assert list(store.versions("")) == []


def test_a_large_mail_gets_over_a_slow_line(rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]) -> None:
    """24 MB at 8 MB/s take longer than connecting may; urllib3 by itself allows a body no more than that."""
    store, bucket = direct
    proxy.rate = 8 * 2**20
    data = os.urandom(24 * 2**20)
    version = put(rgw.store(bucket, endpoint=proxy.endpoint), data)
    assert b"".join(store.get(KEY, version)) == data
    assert proxy.puts == 1


def test_a_silent_server_is_waited_for_once(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It took the PUT and says nothing: looked for once, by a shorter time, and not sent again (times of a test)."""
    store, bucket = direct
    monkeypatch.setattr(s3, "_READ_SECONDS", 1)
    monkeypatch.setattr(s3, "_LOOK_SECONDS", 0.5)
    proxy.next("hang", times=99, method="")
    began = time.monotonic()
    with pytest.raises(VaultUnavailable):
        put(rgw.store(bucket, endpoint=proxy.endpoint))
    assert 1 <= time.monotonic() - began < 2.5
    assert proxy.seen == ["PUT", "GET"]
    proxy.next("hang")  # it looks, and finds nothing
    with pytest.raises(VaultUnavailable):
        put(rgw.store(bucket, endpoint=proxy.endpoint))
    assert proxy.puts == 2
    assert list(store.versions("")) == []


@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_a_reply_that_drips_is_given_up(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """An octet now and then is no answer: a request has a time of its own, however lively it is."""
    store, bucket = direct
    put(store, b"x" * 1000)
    monkeypatch.setattr(s3, "_WHOLE_SECONDS", 1.5)
    monkeypatch.setattr(s3, "_LOOK_SECONDS", 1)
    dripping = rgw.store(bucket, endpoint=proxy.endpoint)
    proxy.next("trickle", times=99, method=method)
    ask = {
        "PUT": lambda: put(dripping, b"other"),
        "GET": lambda: list(dripping.get(KEY)),
        "HEAD": lambda: dripping.stat(KEY),
    }
    began = time.monotonic()
    if method == "PUT":  # it was carried out, and is found
        ask[method]()
    else:
        with pytest.raises(VaultUnavailable):
            ask[method]()
    assert time.monotonic() - began < 4


def test_the_times_that_the_manual_promises() -> None:
    """docs/object-stores.md states them; peers.md gave the first two."""
    assert (s3._CONNECT_SECONDS, s3._READ_SECONDS, s3.SILENCE_SECONDS) == (2, 30, 46)


def test_an_older_version_with_a_shorter_lock_is_not_taken_for_a_lost_one(
    rgw: Ceph, proxy: FlakyProxy, direct: tuple[S3Store, str]
) -> None:
    """Same key, same bytes, but it may go sooner than was asked: it has to be sent."""
    store, bucket = direct
    old = store.put(KEY, b"same", tags={}, metadata={}, locked_until=RealClock().now() + timedelta(minutes=1))
    proxy.next("request")
    new = put(rgw.store(bucket, endpoint=proxy.endpoint), b"same")
    assert new != old.version


def test_nobody_there_is_unavailable_at_once() -> None:
    store = S3Store(f"127.0.0.1:{free_port()}", "bucket", access_key="a", secret_key="b", secure=False)
    for ask in (
        lambda: put(store),
        lambda: list(store.get(KEY)),
        lambda: store.stat(KEY),
        lambda: list(store.list("")),
    ):
        with pytest.raises(VaultUnavailable):
            ask()


def test_something_else_there_is_unavailable() -> None:
    """A port that hangs up on everybody is no S3 server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        listener.settimeout(0)
        store = S3Store(f"127.0.0.1:{port}", "bucket", access_key="a", secret_key="b", secure=True)
        listener.close()
        with pytest.raises(VaultUnavailable):
            store.stat(KEY)


@pytest.mark.parametrize("what", ["secret", "bucket"])
def test_refused_is_unavailable_and_shows_no_secret(rgw: Ceph, direct: tuple[S3Store, str], what: str) -> None:
    _, bucket = direct
    secret = "wrong-secret" if what == "secret" else rgw.secret_key
    name = bucket if what == "secret" else "no-such-bucket"
    store = S3Store(rgw.endpoint, name, access_key=rgw.access_key, secret_key=secret, secure=False)
    with pytest.raises(VaultUnavailable) as refused:
        put(store)
    assert secret not in repr(refused.value) + str(refused.value.fields)
    (line,) = probe(store, RealClock().now())
    assert not line.ok


def test_a_delete_marker_is_listed_and_can_go(rgw: Ceph, direct: tuple[S3Store, str]) -> None:
    """Somebody else's client hid an object: it does not read as gone, and the disposal can remove the marker too."""
    store, bucket = direct
    stored = store.put(KEY, b"x", tags={}, metadata={}, locked_until=None)
    store._client.remove_object(bucket, KEY)
    assert [v.version for v in store.list(KEY)] == [stored.version]
    marker = next(v for v in store.versions(KEY) if v.marker)
    store.delete(KEY, stored.version)
    assert [v.marker for v in store.versions(KEY)] == [True]
    store.delete(KEY, marker.version)
    assert list(store.versions("")) == []


def test_a_bucket_without_lock_fails_the_probe(rgw: Ceph) -> None:
    """A server or bucket that cannot lock is found out before a document depends on it."""
    bucket = f"t-{uuid.uuid4().hex}"
    store = S3Store(rgw.endpoint, bucket, access_key=rgw.access_key, secret_key=rgw.secret_key, secure=False)
    store._client.make_bucket(bucket)
    lines = probe(store, RealClock().now())
    assert not all(line.ok for line in lines)
    with pytest.raises(VaultUnavailable):
        put(store)
