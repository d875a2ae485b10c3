"""The console's own tests of its main pages over PostgreSQL: the queue, two reviewers at once, how much each asks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import postgres

ROOT = Path(__file__).parents[2]
FILES = ["test_console_held.py", "test_errands.py", "test_console_queries.py", "test_shared_cache.py"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_main_pages_tests_hold_on_postgresql() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/unit/{n}" for n in FILES)]
    with postgres.running() as url:
        done = subprocess.run(
            command, env=os.environ | {"SALLYPORT_DATABASE_URL": url}, cwd=ROOT, capture_output=True, text=True,
            timeout=900, check=False,
        )  # fmt: skip
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > 30
    assert "skipped" not in done.stdout
