"""What is in the relay's memory stays there."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import ctypes, resource
from gateway.secrecy import seal_memory
seal_memory()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
"""3 is PR_GET_DUMPABLE."""


def test_a_crash_leaves_no_core_and_nobody_of_the_same_account_looks_inside() -> None:
    """Neither can be taken back by the process: the hard limit is zero, too."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0) 0"
