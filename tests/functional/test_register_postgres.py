"""The register's own tests once more, over PostgreSQL: the relay's reading goes another way there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import postgres

ROOT = Path(__file__).parents[2]
FILES = [
    "unit/test_register.py",
    "unit/test_register_hot.py",
    "unit/test_mentions.py",
    "property/test_permission_model.py",
]


@pytest.mark.slow
def test_the_registers_tests_hold_on_postgresql() -> None:
    """Also the readable model of permission over time, and that a mail costs three round trips."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/{name}" for name in FILES)]
    with postgres.running() as url:
        done = subprocess.run(
            command,
            env=os.environ | {"SALLYPORT_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.django"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    passed = re.search(r"(\d+) passed", done.stdout)
    assert done.returncode == 0, done.stdout[-3000:]
    assert passed
    assert int(passed[1]) > 70
    assert "skipped" not in done.stdout
