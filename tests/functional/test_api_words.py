"""What an operator sees of ``sallyport web``: where it listens, and nothing of the server's own."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support.house import House, free_port


@pytest.mark.skipif(find_spec("granian") is None, reason="granian is missing")
def test_web_says_where_it_listens_and_nothing_else(tmp_path: Path) -> None:
    """From start to a stop by SIGTERM, on as many cores as there are."""
    house = House(tmp_path, free_port())
    house.command("setup", str(house.home), "--domain", "council.example")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "cli", "web"], env=house.environment() | {"SALLYPORT_WEB__PORT": str(port)},
        cwd=house.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == f"Listening at http://127.0.0.1:{port}\n"
    finally:
        server.send_signal(signal.SIGTERM)
        rest, _ = server.communicate(timeout=60)
    assert (rest, server.returncode) == ("", 0)
