"""Hours of ordinary load, and 100,000 mails at once: does anything grow that should not? Drawn as pictures.

``make bench ARGS=soak`` runs for ``SOAK_MINUTES`` (60) at ``SOAK_RATE`` mails a second (20): a relay of two processes,
its worker, PostgreSQL. ``make bench ARGS=flat`` sends ``FLAT_MAILS`` (100,000) as fast as they go. Both look every so
often at the memory and the open files of each process, the rows of each table, and how long answers took. Every third
mail is confidential and encrypted, every eleventh is held. What must hold: every mail is answered 250; from the first
third of the run to its end no process grows by more than a fifth and 30 MB, and no open file is left over.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import os
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import load
from benchmarks.lines import Lines
from benchmarks.looks import Look, Service, picture
from benchmarks.report import Row
from benchmarks.throughput import sink, until_all_are_up
from tests.support import postgres
from tests.support.house import CARER, NO_KEY, ROOT, House, free_port, letter
from tests.support.node_programs import Program

_PICTURES = ROOT / "docs" / "pictures"
_LOOKS, _CONNECTIONS = 120, 8
_GROWTH, _SLACK = 1.2, 30.0
_PLAIN_TO = "friend@else.example"


@dataclass
class Traffic:
    """``rate`` mails a second, or as fast as they go over eight connections; ``most`` of them, or until ``over``."""

    port: int
    rate: float = 0.0
    most: float = math.inf
    over: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """Seconds, since somebody looked."""

    def run(self) -> None:
        """In a thread, until the end."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        lines, numbers, begun = Lines(self.port), itertools.count(), time.perf_counter()
        await asyncio.gather(*(self._client(lines, numbers, begun) for _ in range(_CONNECTIONS)))
        lines.close()

    async def _client(self, lines: Lines, numbers: Iterator[int], begun: float) -> None:
        while not self.over.is_set() and (number := next(numbers)) < self.most:
            due = begun + number / self.rate if self.rate else time.perf_counter()
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            self.answers[await lines.send(*mail_of(number))] += 1
            self.waits.append(time.perf_counter() - due)
            self.done += 1


def mail_of(number: int) -> tuple[bytes, str]:
    """Plain, encrypted or held, and to whom."""
    name = f"<{number}.{time.time_ns()}@council.example>"
    if number % 11 == 1:
        return letter(Message_ID=name), NO_KEY
    return (letter(Message_ID=name), CARER) if number % 3 == 1 else (load.plain(number, 5 * 1024), _PLAIN_TO)


@contextmanager
def _service(folder: Path) -> Iterator[tuple[House, Service]]:
    """A relay of two processes and a worker, on PostgreSQL."""
    hop = free_port()
    with sink(hop), postgres.running() as url:
        house = House(folder, hop, url).set_up()
        environment = {"SALLYPORT_SANDBOX__WORKERS": "2", "SALLYPORT_RELAY__PROCESSES": "2"}
        with house.relay(**environment, SALLYPORT_JOURNAL__LEASE_SECONDS="60") as relay:
            until_all_are_up(house)
            program = Program("worker", [sys.executable, "-m", "cli", "worker"], house.environment(), folder)
            program.keep()
            try:
                yield house, Service(url, relay.pid, program.groups[0])
            finally:
                program.end()


def _watched(service: Service, traffic: Traffic, so_far: Callable[[], float], end: float) -> list[Look]:
    """Looks at even steps of ``so_far``, seconds or mails, until ``end``."""
    thread, looks = threading.Thread(target=traffic.run), []
    thread.start()
    for step in range(1, _LOOKS + 1):
        while so_far() < step * end / _LOOKS and thread.is_alive():
            time.sleep(0.2)
        waits, traffic.waits = traffic.waits, []
        looks.append(service.look(so_far(), waits))
    traffic.over.set()
    thread.join()
    return looks


def measure(folder: Path) -> Iterator[Row]:
    """The soak, by the clock."""
    minutes, rate = float(os.environ.get("SOAK_MINUTES", "60")), float(os.environ.get("SOAK_RATE", "20"))
    with _service(folder) as (house, service):
        begun, traffic = time.perf_counter(), Traffic(house.port, rate)
        looks = _watched(service, traffic, lambda: (time.perf_counter() - begun) / 60, minutes)
    title = f"{minutes:g} minutes at {rate:g} mails a second: {traffic.done:,} mails"
    yield from _shown(title, "minutes", "soak.svg", looks, traffic)


def flat(folder: Path) -> Iterator[Row]:
    """As many mails as are asked for, as fast as they go."""
    mails = int(os.environ.get("FLAT_MAILS", "100000"))
    with _service(folder) as (house, service):
        begun, traffic = time.perf_counter(), Traffic(house.port, most=mails)
        looks = _watched(service, traffic, lambda: traffic.done, mails)
        rate = traffic.done / (time.perf_counter() - begun)
    title = f"{mails:,} mails as fast as they went: {rate:.0f} a second"
    yield from _shown(title, "mails", "memory-over-mails.svg", looks, traffic)


def _shown(title: str, across: str, name: str, looks: Sequence[Look], traffic: Traffic) -> Iterator[Row]:
    rows = list(verdicts(looks, traffic))
    (_PICTURES / name).write_text(picture(title, across, looks, rows), encoding="utf-8")
    yield from rows


def verdicts(looks: Sequence[Look], traffic: Traffic) -> Iterator[Row]:
    """A row a process: its memory at the end, beside what it had when a third was over."""
    taken, waited = traffic.answers["250"], statistics.median(look.waited for look in looks if look.waited)
    worst = max(look.slowest for look in looks)
    others = "".join(f", {n} {code}" for code, n in sorted(traffic.answers.items()) if code != "250")
    yield Row("mails answered 250", f"{taken:,}{others}", f"{traffic.done:,} sent", taken / traffic.done, 1)
    yield Row("wait for an answer", f"median {waited * 1000:.0f} ms, most {worst:.1f} s", "60 s", worst / 60, -1)
    third, last = looks[len(looks) // 3 : len(looks) // 2], looks[-len(looks) // 6 :]
    for name in looks[-1].megabytes:
        before, after = (statistics.mean(look.megabytes[name] for look in part) for part in (third, last))
        limit = before * _GROWTH + _SLACK
        yield Row(f"memory of {name}", f"{after:.0f} MB", f"{before:.0f} MB after a third", after / limit, -1)
    for name in looks[-1].open_files:
        before, after = (statistics.mean(look.open_files[name] for look in part) for part in (third, last))
        yield Row(f"open files of {name}", f"{after:.0f}", f"{before:.0f} after a third", after / (before + 10), -1)
