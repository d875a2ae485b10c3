"""A thousand clients at once, a slow database, a slow store: everybody is answered, in time, with bounded memory.

RFC 5321 section 4.5.3.2 gives a client ten minutes for the answer to its mail and five for every other one; so slow
surroundings must become 421 and 451, and never a wait of hours or memory without end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import family, load
from tests.support import ceph, crowd, postgres
from tests.support.crowd import Told
from tests.support.gate import Gate
from tests.support.house import CARER, COLLEAGUE, House, letter
from tests.support.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CROWD, _FEW = 1000, 60
_MIB = 2**20
_ROOM = 8
_LEASE = {"SALLYPORT_JOURNAL__LEASE_SECONDS": "60"}
_ANSWER = 120.0
"""Seconds, of the 600 that a client waits: 30 of patience, and a mail's own work with everything slow."""


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def house(tmp_path: Path, sink: Sink) -> House:
    sink.received.clear()
    return House(tmp_path, sink.port).set_up()


def _plain(size: int, mails: int = CROWD) -> dict[int, bytes]:
    return {n: load.plain(n, size) for n in range(mails)}


def _until_served(house: House, mails: Mapping[int, bytes], to: str) -> dict[int, Told]:
    """All at once; then whoever got 421 or 451 comes again, fewer at a time, until each has its 250.

    What each was told at first.
    """
    first = crowd.at_once(house.port, mails, to)
    waiting = [n for n in mails if not first[n].reply.startswith("250")]
    for _ in range(200):
        if not waiting:
            return first
        some = waiting[:_FEW]
        told = crowd.at_once(house.port, {n: mails[n] for n in some}, to)
        waiting = waiting[_FEW:] + [n for n in some if not told[n].reply.startswith("250")]
    raise AssertionError(f"{len(waiting)} mails were never taken: {_replies(told)}")


def _replies(told: Mapping[int, Told]) -> Counter[str]:
    return Counter(" ".join(t.reply.split()[:2]) for t in told.values())


def _numbers(sink: Sink) -> Counter[bytes]:
    """How often each mail came."""
    return Counter(m.content.partition(b"Message-ID: <")[2].partition(b".")[0] for m in sink.received)


def test_a_thousand_at_once_are_all_answered_and_memory_is_bounded(house: House, sink: Sink) -> None:
    """Eight megabytes may be in memory: 128 bodies can begin, the others wait a little and are told to come back."""
    room = {"MAX_CONNECTIONS": CROWD, "MAX_SIZE": _MIB, "MAX_IN_FLIGHT_BYTES": _ROOM * _MIB}
    with house.relay(**{f"SALLYPORT_RELAY__{name}": str(value) for name, value in room.items()} | _LEASE) as relay:
        idle = family.peak_megabytes(relay.pid)
        told = _until_served(house, mails := _plain(20 * 1024), COLLEAGUE)
        peak = family.peak_megabytes(relay.pid)
    replies = Counter(t.reply[:3] for t in told.values())
    assert replies.keys() == {"250", "451"}, _replies(told)
    assert max(t.longest for t in told.values()) < _ANSWER
    assert _numbers(sink) == {str(n).encode(): 1 for n in mails}
    assert peak - idle < 10 * _ROOM, f"{idle:.0f} MB before, {peak:.0f} MB at the most"


def test_those_who_are_too_many_get_421_and_are_served_later(house: House, sink: Sink) -> None:
    """200 connections are allowed where nothing is set: half of 400 are sent away at once, and lose nothing."""
    with house.relay(**_LEASE):
        told = _until_served(house, mails := _plain(2048, 400), COLLEAGUE)
    assert _replies(told)["421 4.3.2"] == 200
    assert max(t.longest for t in told.values()) < _ANSWER
    assert _numbers(sink) == {str(n).encode(): 1 for n in mails}


@dataclass
class Networked:
    """A service whose database and store are behind gates."""

    house: House
    sink: Sink
    gates: dict[str, Gate]


@pytest.fixture(scope="module")
def networked(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Networked]:
    with ExitStack() as stack:
        url, s3 = stack.enter_context(postgres.running()), stack.enter_context(ceph.running())
        database = stack.enter_context(Gate(int(url.rpartition(":")[2].partition("/")[0])))
        store = stack.enter_context(Gate(int(s3.endpoint.rpartition(":")[2])))
        extra = {
            "SALLYPORT_VAULT__STORE": "s3",
            "SALLYPORT_VAULT__ENDPOINT": f"127.0.0.1:{store.port}",
            "SALLYPORT_VAULT__SECURE": "false",
            "SALLYPORT_VAULT__ACCESS_KEY": s3.access_key,
            "SALLYPORT_VAULT__SECRET_KEY": s3.secret_key,
        }
        address = f"postgres://tests@127.0.0.1:{database.port}/postgres"
        house = House(tmp_path_factory.mktemp("networked"), sink.port, address, extra).set_up()
        yield Networked(house, sink, {"database": database, "store": store})


@pytest.mark.parametrize(("which", "delay"), [("database", 0.25), ("store", 3.0)])
def test_a_slow_server_makes_clients_come_back_and_wait_no_longer_than_they_do(
    which: str, delay: float, networked: Networked
) -> None:
    """100 confidential mails at once, each answer of one server late; then it is well, and each is served once."""
    networked.sink.received.clear()
    mails = {n: letter(Message_ID=f"<{which}-{n}@council.example>") for n in range(100)}
    with networked.house.relay(**_LEASE):
        networked.gates[which].delay = delay
        told = crowd.at_once(networked.house.port, mails, CARER)
        networked.gates[which].delay = 0
        assert {t.reply[:3] for t in told.values()} == {"250", "451"}, _replies(told)
        assert max(t.longest for t in told.values()) < _ANSWER
        left = {n: mail for n, mail in mails.items() if not told[n].reply.startswith("250")}
        _until_served(networked.house, left, CARER)
    assert len(networked.sink.received) == len(mails)
    assert all(b"BEGIN PGP MESSAGE" in m.content for m in networked.sink.received)
