"""All tests of the console's pages over PostgreSQL: each role's, two reviewers at once, how much each page asks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import postgres

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "tests" / "unit"
FILES = [
    *sorted(UNIT.glob("test_console_*.py")),
    *sorted(UNIT.glob("test_breach_*_pages.py")),
    *(UNIT / name for name in ("test_errands.py", "test_shared_cache.py")),
]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_pages_tests_hold_on_postgresql() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *map(str, FILES)]
    with postgres.running() as url:
        done = subprocess.run(
            command, env=os.environ | {"SALLYPORT_DATABASE_URL": url}, cwd=ROOT, capture_output=True, text=True,
            timeout=900, check=False,
        )  # fmt: skip
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > 200
    assert "skipped" not in done.stdout
