"""Retention's own tests once more, over PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import postgres

ROOT = Path(__file__).parents[2]
FILES = ["due", "sweep", "marks", "plan"]


@pytest.mark.slow
def test_retentions_tests_hold_on_postgresql() -> None:
    """Upserts, locks of rows, partial indexes, dates and groups behave there as on SQLite."""
    files = [f"tests/unit/test_retention_{name}.py" for name in FILES]
    files += ["tests/contract/test_retention_mirror.py", "tests/unit/test_retention_lives.py"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not ceph", *files]
    with postgres.running() as url:
        environment = {**os.environ, "SALLYPORT_DATABASE_URL": url}
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False
        )
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > 80
    assert "skipped" not in done.stdout
