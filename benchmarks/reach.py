"""How near a relay of this design could come to a bare sink: the floor under it (``benchmarks/floor.py``), measured.

Part by part, each in two processes, in turn with the bare sink that is the next hop of all. The last row does not hang
on the clock, and so not on what else the machine does: the processor time that 30 % of the sink's rate leaves us on two
cores, and how much of that the floor takes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks import family, load
from benchmarks.floor import PARTS, TABLES, opened
from benchmarks.report import Row
from benchmarks.serving import python, running
from tests.support.house import free_port

_MAILS, _ROUNDS, _SIZE, _SESSIONS, _PROCESSES = 400, 5, 5 * 1024, 8, 2
_TARGET = 0.3
_TO = "friend@else.example"


class Speed(NamedTuple):
    """Mails a second; milliseconds of processor a mail, of the server and of the client that loads it."""

    rate: float
    spent: float
    client: float


def measure(folder: Path) -> Iterator[Row]:
    """Over eight kept connections, in two processes, in turn with the bare sink that is its next hop."""
    hop = free_port()
    with running(hop, *python("sink", hop)) as sink, ExitStack() as stack:
        floors = [stack.enter_context(_floor(folder / str(parts), hop, parts)) for parts in range(1, len(PARTS) + 1)]
        rounds = [[_speed(*each) for each in ((hop, sink.pid), *floors)] for _ in range(_ROUNDS)]
    bare, *speeds = (Speed(*map(statistics.median, zip(*each, strict=True))) for each in zip(*rounds, strict=True))
    for words, speed in zip(PARTS, speeds, strict=True):
        yield Row(
            f"the floor, nothing understood or decided: {words}",
            f"{speed.rate:.0f} /s, {_PROCESSES} processes: {speed.spent:.2f} ms of processor",
            f"bare aiosmtpd sink {bare.rate:.0f} /s, {bare.spent:.2f} ms, its client {bare.client:.2f} ms",
            speed.rate / bare.rate,
        )
    yield _budget(bare, speeds[-1])


def _budget(bare: Speed, floor: Speed) -> Row:
    """The sink is one process, so its time is what bounds its rate. All others share the two cores with us."""
    left = _PROCESSES * bare.spent / _TARGET - bare.client - bare.spent
    return Row(
        f"what {_TARGET} of the sink's rate leaves us on {_PROCESSES} cores, beside the client and the sink behind us",
        f"the floor takes {floor.spent:.2f} ms",
        f"there are {left:.2f} ms, {left - floor.spent:.2f} of them for reading, understanding and deciding",
        floor.spent / left,
    )


@contextmanager
def _floor(folder: Path, hop: int, parts: int) -> Iterator[tuple[int, int]]:
    """Port and process."""
    folder.mkdir()
    opened(str(folder / "floor.sqlite3")).executescript(TABLES)
    port = free_port()
    with running(port, *python("floor", port, hop, folder, _PROCESSES, parts)) as process:
        _load(port, 50)
        yield port, process.pid


def _speed(port: int, pid: int) -> Speed:
    before, client = sum(family.processor_seconds(pid)), time.process_time()
    rate = _load(port)
    client = time.process_time() - client
    spent = sum(family.processor_seconds(pid)) - before
    return Speed(rate, spent / _MAILS * 1000, client / _MAILS * 1000)


def _load(port: int, mails: int = _MAILS) -> float:
    return load.run(port, [load.plain(n, _SIZE) for n in range(mails)], _TO, _SESSIONS)
