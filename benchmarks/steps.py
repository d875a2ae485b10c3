"""Where a plain 5 KB mail's time goes in the pipeline: one thread, no dialogue. ``python -m benchmarks.steps``.

For each method of each port, in milliseconds a mail: processor time of the thread, and wall-clock time, which has the
waits for the disk, the reader and the next hop in it; the middle one of all mails, as other work on the machine makes
some far dearer. Reading the clocks costs some microseconds a call and is in it.

ext4 does not give out an inode again within minutes of its deletion and looks at each on its way, so files cost ten
times as much to make where a test run has just removed its folders. A vault deletes nothing in its daily work: set
``TMPDIR`` to a new folder right under ``/``, which ext4 puts on other ground.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import load
from benchmarks.throughput import sink
from domain.model import Address, Envelope
from domain.ports import Clock
from tests.support.house import House, free_port

_MAILS, _WARM, _SIZE = 400, 50, 5 * 1024
_PORTS = ("classifiers", "register", "vault", "journal", "next_hop")


class Stopwatch:
    """Keeps what calls take, in nanoseconds, by name."""

    def __init__(self) -> None:
        self.processor: defaultdict[str, list[int]] = defaultdict(list)
        self.wall: defaultdict[str, list[int]] = defaultdict(list)

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, timed."""

        def timed(*arguments: Any, **more: Any) -> Any:
            processor, wall = time.thread_time_ns(), time.perf_counter_ns()
            try:
                return call(*arguments, **more)
            finally:
                self.processor[name].append(time.thread_time_ns() - processor)
                self.wall[name].append(time.perf_counter_ns() - wall)

        return timed


class _Timed:
    """A port whose methods are timed."""

    def __init__(self, watch: Stopwatch, name: str, port: object) -> None:
        self._watch, self._name, self._port = watch, name, port

    def __getattr__(self, method: str) -> Any:
        return self._watch.timed(f"{self._name}.{method}", getattr(self._port, method))


def _measure(watch: Stopwatch) -> None:
    """In a process that has Django's settings."""
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from config.django import SETTINGS  # noqa: PLC0415 - the same
    from gateway.bootstrap import built  # noqa: PLC0415 - the same
    from gateway.pipeline import process  # noqa: PLC0415 - the same

    with built(SETTINGS) as ports:
        timed: dict[str, Any] = {name: _Timed(watch, name, getattr(ports, name)) for name in _PORTS}
        mine = replace(ports, parse=watch.timed("parse", ports.parse), **timed)
        whole = watch.timed("all", lambda n: process(_envelope(mine.clock), load.plain(n, _SIZE), mine))
        for number in range(_WARM + _MAILS):
            if number == _WARM:
                watch.processor.clear()
                watch.wall.clear()
            whole(number)


def _envelope(clock: Clock) -> Envelope:
    sender, recipient = Address.of("officer@council.example"), Address.of("friend@else.example")
    return Envelope(sender, (recipient,), clock.now(), "127.0.0.1", "bench.example", "ESMTP")


def main() -> None:
    """Print one table."""
    watch, hop = Stopwatch(), free_port()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as made, sink(hop):
        os.environ["SALLYPORT_HOME"] = made  # where tests/support/house.py makes the service that it copies
        house = House(Path(folder), hop).set_up()
        del os.environ["SALLYPORT_HOME"]
        os.environ.update(house.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.django"
        _measure(watch)
    table = Table("step", "processor ms", "wall ms", title="a plain 5 KB mail, one thread")
    for name in sorted(watch.processor, key=lambda n: -_middle(watch.processor[n])):
        table.add_row(name, f"{_middle(watch.processor[name]):.2f}", f"{_middle(watch.wall[name]):.2f}")
    Console().print(table)


def _middle(spent: list[int]) -> float:
    """In milliseconds."""
    return statistics.median(spent) / 1e6


if __name__ == "__main__":
    main()
