"""``make bench``: every measurement, one table. Name some (``make bench ARGS=encryption``) to run only those."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks import (
    encryption,
    extraction,
    filing,
    growth,
    latency,
    memory,
    pages,
    reach,
    register,
    report,
    search,
    soak,
    throughput,
    whole,
)

_ALL = {
    "encryption": encryption.measure,
    "memory": memory.measure,
    "extraction": extraction.measure,
    "throughput": throughput.measure,
    "floor": reach.measure,
    "whole": whole.measure,
    "register": register.measure,
    "filing": filing.measure,
    "search": search.measure,
    "pages": pages.measure,
}
_LONG = {
    "load": latency.measure,
    "soak": soak.measure,
    "flat": soak.flat,
    "growth": growth.measure,
    "pages-postgresql": pages.measure_on_postgresql,
}
"""Only by name: minutes to an hour, on a machine that does nothing else."""


def main(names: list[str]) -> int:
    """1 if a target was missed."""
    rows: list[report.Row] = []
    with tempfile.TemporaryDirectory() as made:
        os.environ["SALLYPORT_HOME"] = made  # where tests/support/house.py makes the service that it copies
        for name in names or list(_ALL):
            print(f"measuring {name} ...", file=sys.stderr)
            with tempfile.TemporaryDirectory() as folder:
                rows += (_ALL | _LONG)[name](Path(folder))
    report.show(rows)
    return int(any("MISSED" in row.verdict for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
