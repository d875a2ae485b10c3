"""Runs ``painting.py`` behind walls: no network, nothing to write to, no keys and no database to see, limits always.

Trust: none in the document, none in the answer beyond its form; ``proof.py`` looks at the result afterwards.
Failure: :class:`NotPainted`, and the document does not leave. Where bubblewrap cannot run, limits alone are left.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from domain.errors import SallyportError
from vault.export.painting import LENGTHS, Box

_SOURCE = Path(__file__).resolve().parents[2]
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache")
_SECONDS = 600
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONPATH": str(_SOURCE),
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONSAFEPATH": "1",
    "HOME": "/nonexistent",
}


class NotPainted(SallyportError):
    """A document could not be blacked out, so it does not leave."""

    public = "The document could not be blacked out; withhold it, or black it out by hand."


class Painted(NamedTuple):
    """The new PDF, its boxes, how often each text was found, and how often what is watched is still to be seen."""

    pdf: bytes
    boxes: list[Box]
    times: list[int]
    left: list[int]


def painted(content: bytes, texts: Sequence[str], watch: Sequence[str] = ()) -> Painted:
    """See ``painting.paint``. Raises :class:`NotPainted`."""
    asked = json.dumps({"texts": list(texts), "watch": list(watch)}).encode()
    given = LENGTHS.pack(len(asked), len(content)) + asked + content
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [*_walls(), sys.executable, "-m", "vault.export.painting"],
            input=given, capture_output=True, timeout=_SECONDS, env=_ENVIRONMENT, check=True,
        )  # fmt: skip
        said, size = LENGTHS.unpack(done.stdout[: LENGTHS.size])
        header = json.loads(done.stdout[LENGTHS.size : LENGTHS.size + said])
        pdf = done.stdout[LENGTHS.size + said :]
        boxes: list[Box] = [_box(b) for b in header["boxes"]]
        times, left = ([int(n) for n in header[name]] for name in ("times", "left"))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        raise NotPainted("painting", error=type(error).__name__) from error
    if len(pdf) != size or len(times) != len(texts) or len(left) != len(watch):
        raise NotPainted("an answer to something else")
    return Painted(pdf, boxes, times, left)


def _box(given: Sequence[int]) -> Box:
    page, left, top, right, bottom = (int(n) for n in given)
    return page, left, top, right, bottom


@lru_cache(maxsize=1)
def _walls() -> tuple[str, ...]:
    """The start of the command line; empty where bubblewrap is not there or not allowed to."""
    program = shutil.which("bwrap")
    if program is None:
        return ()
    walls = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    walls += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - its own, empty one
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            walls += ["--symlink", str(path.readlink()), str(path)]
        elif path.exists():
            walls += ["--ro-bind", str(path), str(path)]
    code = (_SOURCE / "vault" / "__init__.py", _SOURCE / "vault" / "export")
    for place in dict.fromkeys((Path(sys.base_prefix), Path(sys.prefix), *code)):
        walls += ["--ro-bind", str(place), str(place)]
    walls += ["--chdir", "/tmp", "--"]  # noqa: S108 - the same
    tried = subprocess.run(  # noqa: S603 - our own program
        [*walls, sys.executable, "-c", "import vault.export.painting"],
        capture_output=True,
        env=_ENVIRONMENT,
        check=False,
    )
    return tuple(walls) if tried.returncode == 0 else ()
