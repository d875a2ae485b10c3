"""A throw-away PostgreSQL for a test session: its own folder, a loopback port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ceph import free_port, unavailable


@contextmanager
def running() -> Iterator[str]:
    """Its URL. Skips, loudly, where there is no PostgreSQL; in CI that is a failure."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        unavailable("NO POSTGRESQL: the vault was tested on SQLite only")
    programs = found[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    port = free_port()
    as_owner: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} -c fsync=off"
    control = [*as_owner, str(programs / "pg_ctl"), "-D", str(folder / "data"), "-w"]
    try:
        _run(*as_owner, str(programs / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "tests", "--no-sync")
        _run(*control, "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgres://tests@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=120)
    if done.returncode:
        raise RuntimeError(f"{command[-1]} failed: {done.stderr.decode()[-500:]}")
