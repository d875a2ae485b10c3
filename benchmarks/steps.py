"""Where a plain 5 KB mail's time goes in the pipeline: one thread, no dialogue. ``python -m benchmarks.steps``.

For each step, in milliseconds a mail: processor time of the thread, and wall-clock time, which has the waits for the
disk, the reader and the next hop in it; the middle one of all mails, as other work on the machine makes some far
dearer. The reader's own time is what its process took, on average. Reading the clocks costs some microseconds a call
and is in it. With the name of a file as argument the table becomes a picture there (SVG).

ext4 does not give out an inode again within minutes of its deletion and looks at each on its way, so files cost ten
times as much to make where a test run has just removed its folders. A vault deletes nothing in its daily work: set
``TMPDIR`` to a new folder right under ``/``, which ext4 puts on other ground.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import family, load, steps_picture
from benchmarks.throughput import sink
from domain.model import Address, Envelope
from domain.ports import Clock
from tests.support.house import House, free_port

_MAILS, _WARM, _SIZE = 400, 50, 5 * 1024
_PORTS = ("classifiers", "register", "vault", "journal", "next_hop")
_WORDS = {
    "journal.claim": "claim the mail",
    "parse": "parse it",
    "classifiers.analyse": "ask the reader, check what it says",
    "reader": "the reader, a process of its own",
    "register.mentions": "look for names of the register",
    "seal": "seal",
    "store.put": "put the file, four fsyncs",
    "store.read_back": "read it back",
    "index": "make its index row",
    "rows": "rows, and the rest of filing",
    "journal.intend": "intent, on the disk",
    "next_hop.deliver": "hand it on",
    "journal.settle": "outcome, on the disk",
    "rest": "decide, and everything else",
    "all": "all",
}
"""The steps in their order; each without those that it calls."""
_INSIDE = {"rows": ("vault.file", ("seal", "store.put", "store.read_back", "index"))}


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


def _measure(watch: Stopwatch, sink_at: int) -> float:
    """In a process that has Django's settings. The readers' processor time, in milliseconds a mail."""
    import django  # noqa: PLC0415 - after the environment is set

    django.setup()
    from config.django import SETTINGS  # noqa: PLC0415 - the same
    from gateway.bootstrap import build_relay_store, built  # noqa: PLC0415 - the same
    from gateway.pipeline import process  # noqa: PLC0415 - the same
    from vault import filing  # noqa: PLC0415 - the same

    for name in ("seal", "index"):
        setattr(filing, name, watch.timed(name, getattr(filing, name)))
    store: Any = _Timed(watch, "store", build_relay_store(SETTINGS))
    with built(SETTINGS, store) as ports:
        timed: dict[str, Any] = {name: _Timed(watch, name, getattr(ports, name)) for name in _PORTS}
        mine = replace(ports, parse=watch.timed("parse", ports.parse), **timed)
        whole = watch.timed("all", lambda n: process(_envelope(mine.clock), load.plain(n, _SIZE), mine))
        begun = 0.0
        for number in range(_WARM + _MAILS):
            if number == _WARM:
                watch.processor.clear()
                watch.wall.clear()
                begun = _readers(sink_at)
            whole(number)
        return (_readers(sink_at) - begun) / _MAILS * 1000


def _readers(sink_at: int) -> float:
    """Seconds so far of all processes below this one but the next hop."""
    return family.processor_seconds(os.getpid())[1] - family.spent(sink_at)


def _envelope(clock: Clock) -> Envelope:
    sender, recipient = Address.of("officer@council.example"), Address.of("friend@else.example")
    return Envelope(sender, (recipient,), clock.now(), "127.0.0.1", "bench.example", "ESMTP")


def main(arguments: Sequence[str]) -> None:
    """Print one table, or write a picture."""
    watch, hop = Stopwatch(), free_port()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as made, sink(hop) as pid:
        os.environ["SALLYPORT_HOME"] = made  # where tests/support/house.py makes the service that it copies
        house = House(Path(folder), hop).set_up()
        del os.environ["SALLYPORT_HOME"]
        os.environ.update(house.environment())
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.django"
        reader = _measure(watch, pid)
    rows = _rows(_each(watch.processor) | {"reader": reader}, _each(watch.wall) | {"reader": 0.0})
    if arguments:
        Path(arguments[0]).write_text(steps_picture.draw(rows), encoding="utf-8")
        return
    table = Table("step", "processor ms", "wall ms", title="a plain 5 KB mail, one thread")
    for words, processor, wall in rows:
        table.add_row(words, f"{processor:.2f}", f"{wall:.2f}")
    Console().print(table)


def _rows(processor: dict[str, float], wall: dict[str, float]) -> list[tuple[str, float, float]]:
    """In the order of the steps. ``all`` has the reader's processor time in it."""
    for spent in (processor, wall):
        for name, (whole, inside) in _INSIDE.items():
            spent[name] = spent.pop(whole) - sum(spent[i] for i in inside)
        spent["rest"] = spent["all"] - sum(spent[n] for n in _WORDS if n in spent and n not in {"all", "reader"})
    processor["all"] += processor["reader"]
    return [(words, processor[name], wall[name]) for name, words in _WORDS.items()]


def _each(spent: dict[str, list[int]]) -> dict[str, float]:
    """The middle ones, in milliseconds."""
    return {name: statistics.median(values) / 1e6 for name, values in spent.items()}


if __name__ == "__main__":
    main(sys.argv[1:])
