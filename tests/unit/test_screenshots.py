"""The program that makes the pictures of the console ends the demo that it started, wherever it was started itself."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

FILE = Path(__file__).parents[2] / "scripts" / "screenshots.py"
STOPPED = 143
DEMO = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"  # as of everything in a shell's background
    f"signal.signal(signal.SIGTERM, lambda *_: sys.exit({STOPPED}))\n"
    "print('up', flush=True)\n"
    "time.sleep(120)\n"
)


def test_a_demo_that_ignores_ctrl_c_is_ended_at_once() -> None:
    spec = importlib.util.spec_from_file_location("screenshots", FILE)
    assert spec is not None
    assert spec.loader is not None
    screenshots = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(screenshots)
    with subprocess.Popen([sys.executable, "-c", DEMO], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"up\n"
        began = time.monotonic()
        screenshots.end(running)
        assert time.monotonic() - began < 30
        assert running.wait(5) == STOPPED
