"""The console's main pages at 100,000 mails and 1,000,000 audit events, beside a bare Django page in the same run.

``make bench ARGS=pages`` (``PAGES_MAILS`` for another number of mails; ten events each). Each page is asked for as
whoever uses it, signed in, through all of Django's middleware in one process: what a browser waits for, less the
network. The bare page goes through the same middleware for the same person, asks the database for nothing of its own,
and renders the same frame. Median of nine, after one that is not counted. Target: under 200 ms each, on a machine that
does nothing else; processor time is given, too, for one that does, and both as a ratio to the bare page.

``make bench ARGS=pages-postgresql`` is the same over a PostgreSQL that is started for it and gone afterwards;
``PAGES_DATABASE`` names an empty one to be used instead, by either. SQLite otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Row
from tests.support import postgres
from tests.support.house import House

_TARGET_MS = 200.0


def measure(folder: Path) -> Iterator[Row]:
    """A row a page."""
    yield from _over(folder, os.environ.get("PAGES_DATABASE", ""))


def measure_on_postgresql(folder: Path) -> Iterator[Row]:
    """The same rows. The server waits for no disk, which pages that are only looked at do not ask for."""
    if named := os.environ.get("PAGES_DATABASE"):
        yield from _over(folder, named)
        return
    with postgres.running() as url:
        yield from _over(folder, url)


def _over(folder: Path, database: str) -> Iterator[Row]:
    house = House(folder, hop_port=9, database_url=database).set_up()
    environment = house.environment() | {"DJANGO_SETTINGS_MODULE": "config.console"}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("PAGES_")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages"], env=environment, check=True, stdout=subprocess.PIPE
    )
    found = json.loads(done.stdout.splitlines()[-1])  # the pages' own log stands above
    engine, bare = "PostgreSQL" if database else "SQLite", found["pages"].pop("bare")
    print(f"a bare page on {engine}: {bare[0]:.1f} ms, processor {bare[1]:.1f} ms", file=sys.stderr)
    for name, (ms, work, queries) in found["pages"].items():
        what = f"page on {engine}: {name}, {found['mails']:,} mails, {found['events']:,} events"
        ours = (
            f"{ms:.0f} ms ({ms / bare[0]:.1f} bare pages), processor {work:.0f} ms ({work / bare[1]:.1f}), "
            f"{queries} queries"
        )
        yield Row(what, ours, f"{_TARGET_MS:g} ms", ms / _TARGET_MS, -1)


__all__ = ["measure", "measure_on_postgresql"]
