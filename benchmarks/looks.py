"""What a long run is looked at for: memory and open files of each process, rows and sizes of the tables, waits."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from benchmarks import curves, family
from benchmarks.report import Row

_SIZES = """SELECT relname, n_live_tup, pg_total_relation_size(relid) FROM pg_stat_user_tables
WHERE n_live_tup > 0 AND relname LIKE 'vault_%' ORDER BY 3 DESC"""


@dataclass(frozen=True)
class Look:
    """What was seen at one moment, ``at`` seconds or mails from the beginning."""

    at: float
    megabytes: dict[str, float]
    open_files: dict[str, int]
    rows: dict[str, tuple[int, int]]
    """Of each table: how many, and octets with its indexes."""
    waited: float
    slowest: float


@dataclass
class Service:
    """What is looked at."""

    database: str
    relay: int
    worker: int

    def look(self, at: float, waits: Sequence[float]) -> Look:
        """Now."""
        relays = family.relays(self.relay)
        readers = {pid for relay in relays for pid in family.below(relay)}
        named = {"supervisor": self.relay, "worker": self.worker}
        named |= {f"relay {n + 1}": pid for n, pid in enumerate(relays)}
        with psycopg.connect(self.database) as connection:
            rows = {str(name): (int(count), int(size)) for name, count, size in connection.execute(_SIZES).fetchall()}
        return Look(
            at,
            {name: family.megabytes(pid) for name, pid in named.items()}
            | {"readers, all together": sum(_megabytes(pid) for pid in readers)},
            {name: family.open_files(pid) for name, pid in named.items()},
            rows,
            statistics.median(waits) if waits else 0.0,
            max(waits, default=0.0),
        )


def _megabytes(pid: int) -> float:
    """Nothing of a reader that has just been replaced."""
    with suppress(OSError, StopIteration):
        return family.megabytes(pid)
    return 0.0


def picture(title: str, across: str, looks: Sequence[Look], rows: Sequence[Row]) -> str:
    """Memory, open files, rows, sizes and waits."""

    def many(values: Callable[[Look], Mapping[str, float]], names: Iterable[str]) -> list[curves.Curve]:
        return [curves.Curve(name, [(look.at, values(look).get(name, 0.0)) for look in looks]) for name in names]

    largest = list(looks[-1].rows)[:6]
    panels = [
        curves.Panel("Memory (MB)", across, many(lambda look: look.megabytes, looks[-1].megabytes)),
        curves.Panel("Open files", across, many(lambda look: look.open_files, looks[-1].open_files)),
        curves.Panel("Rows", across, many(lambda look: {n: r[0] for n, r in look.rows.items()}, largest)),
        curves.Panel("Tables with their indexes (MB)", across,
                     many(lambda look: {n: r[1] / 2**20 for n, r in look.rows.items()}, largest)),
        curves.Panel("Milliseconds until the answer", across,
                     [curves.Curve("median", [(look.at, look.waited * 1000) for look in looks])]),
    ]  # fmt: skip
    return curves.draw(title, panels, "; ".join(f"{row.what}: {row.ours} ({row.baseline})" for row in rows))
