"""How long queries take; alone, if others measure on the machine."""

from __future__ import annotations

import fcntl
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.search.corpus import queries_of

_ROUNDS, _ENOUGH = 2, 20
_FIRST, _AS_OTHERS = "-19", "0"
PLAIN_EVERY = 5
"""Of the queries to a database's own index; the six kinds of selective ones all come up."""
Clock = Callable[[], int]


def p95s(ask: Callable[[str], object], size: int, server: Clock | None = None, *, every: int = 1) -> dict[str, float]:
    """In milliseconds, by kind; and processor time, which other work on the machine hardly lengthens.

    Each query is asked once to warm the pages, as a server in use has them, and counts with the better of two times.
    ``server`` gives the nanoseconds that a server's process has worked; they are added to this thread's.
    ``every``: only each so many-th query, where each takes seconds.
    """
    clocks: Sequence[Clock] = (time.perf_counter_ns, lambda: time.thread_time_ns() + (server() if server else 0))
    found = {}
    for kind, queries in queries_of(size).items():
        best = [_best(ask, query, clocks) for query in queries[::every]]
        for name, times in zip((kind, f"{kind} cpu"), zip(*best, strict=True), strict=True):
            found[name] = statistics.quantiles(times, n=20)[-1] if len(times) >= _ENOUGH else max(times)
    return found


def _best(ask: Callable[[str], object], query: str, clocks: Sequence[Clock]) -> list[float]:
    ask(query)
    rounds = []
    for _ in range(_ROUNDS):
        begun = [clock() for clock in clocks]
        ask(query)
        rounds.append([(clock() - at) / 1e6 for clock, at in zip(clocks, begun, strict=True)])
    return [min(times) for times in zip(*rounds, strict=True)]


def worked(process: int) -> Clock | None:
    """Nanoseconds of a process on a processor, where Linux says so (proc_pid_schedstat(5)) and it is ours to see."""
    file = Path(f"/proc/{process}/schedstat")
    return (lambda: int(file.read_text().split()[0])) if file.exists() else None


@contextmanager
def alone(*servers: int) -> Iterator[None]:
    """While nobody else measures, where ``BENCH_LOCK`` names the file that those who measure lock.

    ``BENCH_FIRST`` gives this session and the servers' precedence meanwhile, so that a machine that others use is as
    good as free (Linux: sched(7), autogroups; it takes root).
    """
    name = os.environ.get("BENCH_LOCK")
    with ExitStack() as stack:
        if name:
            fcntl.flock(stack.enter_context(Path(name).open("ab")), fcntl.LOCK_EX)
        if os.environ.get("BENCH_FIRST"):
            for process in ("self", *servers):
                group = Path(f"/proc/{process}/autogroup")
                group.write_text(_FIRST)
                stack.callback(group.write_text, _AS_OTHERS)
        yield


def log(words: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)
