"""A real Ceph RGW for a test session, on loopback, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from vault.objects.s3 import S3Store

_SCRIPT = Path(__file__).with_name("rgw.sh")
_ACCESS, _SECRET = "tests", "tests-only"


@dataclass(frozen=True, slots=True)
class Ceph:
    """Where it listens, and who may use it."""

    endpoint: str
    access_key: str = _ACCESS
    secret_key: str = _SECRET
    folder: Path = Path()

    def processes(self) -> list[int]:
        """Of the server and of what is behind it."""
        return [int(file.read_text()) for file in self.folder.glob("*.pid")]

    def store(self, bucket: str, *, endpoint: str = "") -> S3Store:
        """A store over a bucket of this name, which is made with Object Lock."""
        store = S3Store(
            endpoint or self.endpoint, bucket, access_key=self.access_key, secret_key=self.secret_key, secure=False
        )
        if not endpoint:
            store.create_bucket()
        return store


@contextmanager
def running() -> Iterator[Ceph]:
    """Started, and stopped at the end. Skips, loudly, where Ceph cannot be had; in CI that is a failure."""
    folder = Path(tempfile.mkdtemp(prefix="rgw-"))
    port, monitor = free_port(), free_port()
    environment = {
        **os.environ,
        "RGW_DIR": str(folder),
        "RGW_PORT": str(port),
        "RGW_MON_PORT": str(monitor),
        "RGW_ACCESS_KEY": _ACCESS,
        "RGW_SECRET_KEY": _SECRET,
    }
    try:
        started = subprocess.run(
            [_SCRIPT, "start"], env=environment, capture_output=True, text=True, timeout=280, check=False
        )
        if started.returncode:
            unavailable(f"NO CEPH: the S3 half of the contract suite was not run: {started.stderr.strip()}")
        yield Ceph(f"127.0.0.1:{port}", folder=folder)
    finally:
        subprocess.run([_SCRIPT, "stop"], env=environment, timeout=60, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def unavailable(reason: str) -> None:
    """Skip here; fail in CI, where nothing may be left out."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
