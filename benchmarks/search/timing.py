"""How long queries take; alone, if others measure on the machine."""

from __future__ import annotations

import fcntl
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.search.corpus import queries_of


def p95s(ask: Callable[[str], object], size: int) -> dict[str, float]:
    """In milliseconds, by kind; and this thread's processor time, which other work on the machine does not lengthen.

    Each query is asked twice, the first time to warm the pages, as a server in use has them.
    """
    found = {}
    for kind, queries in queries_of(size).items():
        wall, processor = [], []
        for query in queries:
            ask(query)
            begun, used = time.perf_counter_ns(), time.thread_time_ns()
            ask(query)
            wall.append((time.perf_counter_ns() - begun) / 1e6)
            processor.append((time.thread_time_ns() - used) / 1e6)
        found[kind] = statistics.quantiles(wall, n=20)[-1]
        found[f"{kind} cpu"] = statistics.quantiles(processor, n=20)[-1]
    return found


@contextmanager
def alone() -> Iterator[None]:
    """While nobody else measures, where ``BENCH_LOCK`` names the file that those who measure lock."""
    name = os.environ.get("BENCH_LOCK")
    if not name:
        yield
        return
    with Path(name).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def log(words: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)
