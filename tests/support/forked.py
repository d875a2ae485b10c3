"""Many short runs of the command line without importing all anew: a process that has the libraries forks for each.

Each run is a process of its own, with its own environment, folder, output and exit code. Only libraries are loaded
before the fork, nothing that reads settings.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

_SECONDS = 30
_UNFINISHED = 124
_AT_ONCE = 4


@dataclass(frozen=True)
class Job:
    """``sallyport`` with these words."""

    name: str
    words: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path


@dataclass(frozen=True)
class Answer:
    """What it said. ``code`` is 124 where it did not end."""

    name: str
    code: int
    output: str
    errors: str


def run_forked(jobs: Sequence[Job]) -> list[Answer]:
    """Four at a time."""
    said = json.dumps([asdict(job) | {"folder": str(job.folder)} for job in jobs])
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.forked"], input=said, capture_output=True, text=True, check=True,
        cwd=Path(__file__).parent.parent.parent, timeout=280,
    )  # fmt: skip
    return [Answer(**answer) for answer in json.loads(done.stdout)]


def _run(jobs: list[dict[str, Any]]) -> list[Answer]:
    """All at once."""
    with ExitStack() as files:
        outs = [[files.enter_context(tempfile.TemporaryFile()) for _ in range(2)] for _ in jobs]
        children = [_start(job, *out) for job, out in zip(jobs, outs, strict=True)]
        return [_end(*one) for one in zip(jobs, children, outs, strict=True)]


def _start(job: dict[str, Any], output: IO[bytes], errors: IO[bytes]) -> int:
    child = os.fork()
    if not child:
        _become(job, output.fileno(), errors.fileno())
    return child


def _end(job: dict[str, Any], child: int, files: Sequence[IO[bytes]]) -> Answer:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    for file in files:
        file.seek(0)
    texts = [file.read().decode() for file in files]
    return Answer(job["name"], _UNFINISHED if code == -signal.SIGALRM else code, *texts)


def _become(job: dict[str, Any], output: int, errors: int) -> None:
    """In the child. Never returns."""
    signal.alarm(_SECONDS)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.argv = ["sallyport", *job["words"]]
    code = 1
    try:
        from cli.main import main

        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else bool(end.code)
    except BaseException:  # noqa: BLE001 - as Python itself would show it
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _load() -> None:
    """The heavy libraries, and those of our modules that know no settings."""
    import django.db.models  # noqa: F401
    import minio  # noqa: F401
    import uvloop  # noqa: F401

    import classifiers.sandbox  # noqa: F401
    import cli.main  # noqa: F401
    import gateway.protect.openpgp
    import gateway.protect.smime
    import gateway.server  # noqa: F401


if __name__ == "__main__":
    _load()
    assert "config.django" not in sys.modules
    todo = json.load(sys.stdin)
    answers = [answer for at in range(0, len(todo), _AT_ONCE) for answer in _run(todo[at : at + _AT_ONCE])]
    sys.stdout.write(json.dumps([asdict(answer) for answer in answers]))
