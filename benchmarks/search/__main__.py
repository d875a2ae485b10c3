"""``python -m benchmarks.search --within N`` and ``--tantivy N``: a line of JSON a step."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.search.tantivy import times
from benchmarks.search.within import STEPS, within


def main(kind: str, size: int) -> None:
    """Print it."""
    if kind == "--tantivy":
        with tempfile.TemporaryDirectory() as folder:
            for figures in times(Path(folder) / "index", [s for s in STEPS if s < size] + [size]):
                print(json.dumps(figures), flush=True)
        return
    import django  # noqa: PLC0415 - tantivy needs no settings

    django.setup()
    for figures in within(size):
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
