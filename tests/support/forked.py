"""The command line without importing all anew each time: a process that has the libraries forks for each run.

Each run is a process of its own, with its own environment, folder, output and exit code. Only libraries are loaded
before the fork, nothing that reads settings. The process is started at first use and ends with the one that asked.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

UNFINISHED = 124
_ROOT = Path(__file__).parent.parent.parent
_AT_ONCE = 4


@dataclass(frozen=True)
class Job:
    """``sallyport`` with these words."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    seconds: int = 30


@dataclass(frozen=True)
class Answer:
    """What it said. ``code`` is 124 where it did not end."""

    name: str
    code: int
    output: str
    errors: str


def run_forked(jobs: Sequence[Job]) -> list[Answer]:
    """Four at a time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(run, jobs))


def run(job: Job) -> Answer:
    """One; any number of threads may ask."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(job.seconds + 60)
        line.connect(_server())
        line.sendall(json.dumps(asdict(job) | {"folder": str(job.folder)}).encode())
        line.shutdown(socket.SHUT_WR)
        return Answer(**json.loads(_all_of(line)))


@cache
def _server() -> str:
    """Its socket. It ends when our end of its standard input is closed, however we end."""
    path = str(Path(tempfile.mkdtemp(prefix="forked-")) / "socket")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.forked", path], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return path


def _all_of(line: socket.socket) -> bytes:
    with line.makefile("rb") as file:
        return file.read()


# In the process that forks.


def _serve(path: str) -> None:
    _load()
    assert "config.django" not in sys.modules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who answer
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(16)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            line, _ = listener.accept()
            if not os.fork():
                _answer(line)
                os._exit(0)
            line.close()
    with suppress(OSError):
        Path(path).unlink()
        Path(path).parent.rmdir()


def _load() -> None:
    """The heavy libraries, and those of our modules that know no settings."""
    import django.db.models  # noqa: F401 - loaded before the fork
    import minio  # noqa: F401 - loaded before the fork
    import uvloop  # noqa: F401 - loaded before the fork

    import classifiers.sandbox  # noqa: F401 - loaded before the fork
    import cli.main  # noqa: F401 - loaded before the fork
    import gateway.protect.openpgp
    import gateway.protect.smime
    import gateway.server  # noqa: F401 - loaded before the fork


def _answer(line: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    job = json.loads(_all_of(line))
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            line.close()
            _become(job, output.fileno(), errors.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode().replace("\r\n", "\n"))
    answer = Answer(job["name"], UNFINISHED if code == -signal.SIGALRM else code, *texts)
    with suppress(OSError):  # who asked is gone
        line.sendall(json.dumps(asdict(answer)).encode())


def _become(job: dict[str, Any], output: int, errors: int) -> None:
    """In the child, which ends as Python ends: connections are closed, files flushed. Never returns."""
    signal.alarm(job["seconds"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    random.seed()  # each as by itself
    sys.argv = ["sallyport", *job["words"]]
    from cli.main import main

    main()
    sys.exit()


if __name__ == "__main__":
    _serve(sys.argv[1])
