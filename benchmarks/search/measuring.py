"""The rows of ``make bench ARGS=search``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Row
from benchmarks.search.tantivy import times
from tests.support import postgres

_SELECTIVE_MS, _COMMONEST_MS = 50.0, 200.0


def measure(folder: Path) -> Iterator[Row]:
    """Rows for each database that is installed."""
    size = int(os.environ.get("SEARCH_RECORDS", "20000"))
    (tantivy,) = times(folder / "tantivy", [size])
    yield from _rows("SQLite", f"sqlite:///{folder}/search.sqlite3", size, tantivy)
    if list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        with postgres.running() as url:
            yield from _rows("PostgreSQL", url, size, tantivy)


def _rows(name: str, url: str, size: int, tantivy: dict[str, float]) -> Iterator[Row]:
    *_, last = run(url, size)
    for kind, target in (("selective", _SELECTIVE_MS), ("commonest", _COMMONEST_MS)):
        ours, plain, other = last[kind], last[f"plain {kind}"], tantivy[kind]
        what = f"search, {size:,} records, {kind} words, p95, {name}"
        yield Row(what, f"{ours:.1f} ms", f"{target:g} ms", ours / target, -1)
        yield Row("  beside the same index over plain words", f"{ours:.1f} ms", f"{plain:.1f} ms", ours / plain)
        yield Row("  beside tantivy", f"{ours:.1f} ms", f"{other:.2f} ms", ours / other)
    what = f"  index of a record: {last['bytes a record']:.0f} bytes"
    yield Row(what, f"{last['index ms a record']:.2f} ms", f"{last['plain bytes a record']:.0f} bytes plain", 0)


def run(url: str, size: int) -> list[dict[str, float]]:
    """One mapping of figures a step, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.search", "--within", str(size)],
        env=os.environ | {"SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"},
        check=True,
        stdout=subprocess.PIPE,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]
