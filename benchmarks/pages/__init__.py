"""The console's main pages at 100,000 mails and 1,000,000 audit events, beside a bare Django page in the same run.

``make bench ARGS=pages`` (``PAGES_MAILS`` for another number of mails; ten events each). Each page is asked for as
whoever uses it, signed in, through all of Django's middleware in one process: what a browser waits for, less the
network. The bare page goes through the same middleware for the same person, asks the database for nothing of its own,
and renders the same frame. Median of nine, after one that is not counted. Target: under 200 ms each, on a machine that
does nothing else; processor time is given, too, for one that does.
``PAGES_DATABASE`` names an empty PostgreSQL database; SQLite otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Row
from tests.support.house import House

_TARGET_MS = 200.0


def measure(folder: Path) -> Iterator[Row]:
    """A row a page."""
    house = House(folder, hop_port=9, database_url=os.environ.get("PAGES_DATABASE", "")).set_up()
    environment = house.environment() | {"DJANGO_SETTINGS_MODULE": "config.console"}
    environment |= {name: value for name, value in os.environ.items() if name.startswith("PAGES_")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages"], env=environment, check=True, stdout=subprocess.PIPE
    )
    found = json.loads(done.stdout)
    bare = found["pages"].pop("bare")
    for name, (ms, work, queries) in found["pages"].items():
        what = f"page: {name}, {found['mails']:,} mails, {found['events']:,} events"
        ours = f"{ms:.0f} ms, processor {work:.0f} ms, {queries} queries ({work / bare[1]:.1f} bare pages)"
        yield Row(what, ours, f"{_TARGET_MS:g} ms", ms / _TARGET_MS, -1)


__all__ = ["measure"]
