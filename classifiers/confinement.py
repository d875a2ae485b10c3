"""The walls around a reader: bubblewrap where the kernel allows it, resource limits always.

Purpose: the command line that starts a reader, and the limits it puts on itself before it reads a byte.
Trust: none is given to the process inside. Failure: a reader that cannot be walled in by bubblewrap runs under the
limits alone, and the sandbox's ``confinement`` says so.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

_SOURCE = Path(__file__).resolve().parent.parent
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/alternatives")
_OPEN_FILES = 64


class Confinement(StrEnum):
    """How a reader is contained."""

    BUBBLEWRAP = "bubblewrap: no network, nothing to write to, only its own files to see; resource limits"
    LIMITS = "resource limits alone"


def environment() -> dict[str, str]:
    """All that a reader knows of the machine. Nothing of ours is inherited: secrets may live in environments."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_SOURCE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "MALLOC_ARENA_MAX": "2",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "HOME": "/nonexistent",
    }


def command(confinement: Confinement, arguments: tuple[str, ...], module: str = "classifiers.worker") -> list[str]:
    """The command line of a reader, or of another process that opens documents."""
    python = [sys.executable, "-m", module, *arguments]
    return [*_bubblewrap(), *python] if confinement is Confinement.BUBBLEWRAP else python


def available(*, walls: bool | None) -> tuple[Confinement, ...]:
    """What may be tried, best first. Whether it works is known once a reader has answered.

    ``walls`` True leaves only bubblewrap, False forbids it.
    """
    if walls:
        return (Confinement.BUBBLEWRAP,)
    has = walls is None and shutil.which("bwrap")
    return (Confinement.BUBBLEWRAP, Confinement.LIMITS) if has else (Confinement.LIMITS,)


def restrict(memory: int) -> None:
    """Called by the reader itself, first of all: memory in bytes, no files to write, no core with a document in it."""
    for what, amount in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        hard = resource.getrlimit(what)[1]
        most = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(what, (most, most))


def allow_seconds(seconds: int) -> None:
    """Processor seconds from now on for one request; spent, the kernel ends the reader even if nobody waits for it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that was started in a session of its own, with all that it started, and wait until it is gone.

    Bubblewrap alone is not enough: killed in its first millisecond it leaves a child that waits for it for ever, and
    holds the pipe that we read. Until ``--die-with-parent`` binds that child, it is still in the same group.
    """
    if process.poll() is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _bubblewrap() -> list[str]:
    """Read-only binds of the system's libraries, of Python, and of our own code for readers; nothing else exists.

    The code comes after the empty ``/tmp``, which would hide it where it lies there.
    """
    folders = dict.fromkeys(
        str(Path(p)) for p in (sys.base_prefix, sys.prefix, _SOURCE / "classifiers", _SOURCE / "domain")
    )
    binds = [word for path in folders for word in ("--ro-bind", path, path)]
    system = [word for path in _SYSTEM if Path(path).exists() for word in _system_bind(Path(path))]
    walls = [
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        "--cap-drop",
        "ALL",
        "--hostname",
        "reader",
    ]
    # The empty /tmp comes before the binds: a checkout below /tmp would be hidden by it.
    places = ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]  # noqa: S108 - its own, empty one
    variables = [word for name, value in environment().items() for word in ("--setenv", name, value)]
    return [shutil.which("bwrap") or "bwrap", *walls, *places, *system, *binds, *variables, "--"]


def _system_bind(path: Path) -> tuple[str, ...]:
    return ("--symlink", str(path.readlink()), str(path)) if path.is_symlink() else ("--ro-bind", str(path), str(path))
