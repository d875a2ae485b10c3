"""How a program of ours that draws strangers' documents is walled in: no network, nothing to write to, nothing to see.

Where bubblewrap cannot run, the limits that the program sets itself alone are left, and the log says so once.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import structlog

_log = structlog.get_logger("walls")
_SOURCE = Path(__file__).resolve().parents[1]
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache")
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(_SOURCE),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONSAFEPATH": "1",
    "HOME": "/nonexistent",
}


@lru_cache(maxsize=8)
def within_walls(module: str, *code: str) -> tuple[str, ...]:
    """The command line of a module, which sees of our source what ``code`` names alone (paths below its root)."""
    walls = _standing(module, code)
    if not walls:
        _log.warning("no walls: resource limits alone", program=module)
    return (*walls, sys.executable, "-m", module)


def _standing(module: str, code: tuple[str, ...]) -> list[str]:
    """The walls, tried; none where bubblewrap is not there or may not run."""
    program = shutil.which("bwrap")
    if program is None:
        return []
    walls = _walls(program, code)
    tried = subprocess.run(  # noqa: S603 - our own program
        [*walls, sys.executable, "-c", f"import {module}"], capture_output=True, env=ENVIRONMENT, check=False
    )
    return walls if tried.returncode == 0 else []


def _walls(program: str, code: tuple[str, ...]) -> list[str]:
    walls = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    walls += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own, empty one
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            walls += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            walls += ["--ro-bind", str(path), str(path)]
    for place in dict.fromkeys((Path(sys.base_prefix), Path(sys.prefix), *(_SOURCE / part for part in code))):
        walls += ["--ro-bind", str(place), str(place)]
    return [*walls, "--chdir", "/tmp", "--"]  # noqa: S108 - the same
