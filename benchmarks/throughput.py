"""5 KB plain mails a second through the whole pipeline, beside a bare aiosmtpd sink. Target: 30 %.

Measured twice, each with its own baseline: over eight connections that are kept, and over a new connection a mail.
The relay runs in as many processes as it does unasked (``relay.processes``), the sink in its one. Also, for each, the
processor time a mail of the relay's processes and of their readers, replaced ones too: on a machine that does other
things as well it says more than the rates do. What was held or told back would be another measurement, so a mail that
did not leave ends the run.
"""

from __future__ import annotations

import os
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks import family, load
from benchmarks.report import Row
from tests.support.house import House, free_port

_MAILS, _ROUNDS, _SIZE, _SESSIONS = 600, 5, 5 * 1024, 8
_TO = "friend@else.example"


@contextmanager
def sink(port: int) -> Iterator[int]:
    """The baseline, as its own process; its number."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.sink", str(port)])
    try:
        for _ in range(200):
            with suppress(OSError), smtplib.SMTP("127.0.0.1", port):
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.kill()
        process.wait()


def measure(folder: Path) -> Iterator[Row]:
    """Baseline and relay in turn, so that a drifting machine hits both."""
    hop = free_port()
    ways = {"connections kept": _kept, "one connection a mail": _one_each}
    with sink(hop):
        house = House(folder, hop).set_up()
        with house.relay(SALLYPORT_SANDBOX__WORKERS="2", SALLYPORT_RELAY__PROCESSES="0") as relay:
            until_all_are_up(house)
            _kept(house.port, 100)
            for name, way in ways.items():
                yield _compared(name, way, hop, house.port, relay.pid)
        _check_that_all_left(house)


def _compared(name: str, way: Callable[[int, int], float], hop: int, ours_at: int, pid: int) -> Row:
    bare, ours, relay, readers = [], [], [], []
    for _ in range(_ROUNDS):
        bare.append(way(hop, _MAILS))
        before = family.processor_seconds(pid)
        ours.append(way(ours_at, _MAILS))
        after = family.processor_seconds(pid)
        relay.append((after[0] - before[0]) / _MAILS * 1000)
        readers.append((after[1] - before[1]) / _MAILS * 1000)
    processes = len(family.relays(pid))
    return Row(
        f"5 KB plain mail, relayed, filed, recorded; {name}",
        f"{statistics.median(ours):.0f} /s, {processes} processes: {statistics.median(relay):.1f} ms of processor,"
        f" {statistics.median(readers):.1f} in readers",
        f"bare aiosmtpd sink {statistics.median(bare):.0f} /s",
        statistics.median(o / b for o, b in zip(ours, bare, strict=True)),
        0.30,
    )


def _kept(port: int, mails: int) -> float:
    """Mails a second."""
    return load.run(port, _mails(mails), _TO, _SESSIONS)


def _one_each(port: int, mails: int) -> float:
    """Mails a second."""
    return load.run(port, _mails(mails), _TO, _SESSIONS, kept=False)


def _mails(number: int) -> list[bytes]:
    """Each with a Message-ID of its own, so none is a retry."""
    return [load.plain(n, _SIZE) for n in range(number)]


def _check_that_all_left(house: House) -> None:
    fates = house.rows("SELECT DISTINCT fate FROM vault_journalentry")
    if fates != [("delivered",)]:
        raise RuntimeError(f"not all mails were relayed: {fates}")


def until_all_are_up(house: House) -> None:
    """The first process takes mail before the others have come up."""
    wanted = _processes() if _processes() > 1 else 0
    for _ in range(600):
        if house.log().count("relay process is up") >= wanted:
            return
        time.sleep(0.1)
    raise RuntimeError("not all relay processes came up")


def _processes() -> int:
    """As many as a relay has where nothing is set (``gateway/bootstrap``)."""
    return min(len(os.sched_getaffinity(0)), 4)
