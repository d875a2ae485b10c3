"""Which tests run under coverage's tracer: those of ``tests/rules.txt``. On all others it only takes time.

The tracer of Python 3.11 looks at every line that runs, also in files that nobody asked about: nearly half of the
processor's time of what runs in the tests' own process. The floor (``scripts/test.sh``) is on ``domain/`` and
``gateway/server.py`` alone, and these tests take every branch of them. Where a new branch is taken by none of them the
floor fails: write its test there, or add its file.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from coverage import Coverage

RULES = frozenset((Path(__file__).parent.parent / "rules.txt").read_text("utf-8").split())


class Tracer:
    """Coverage of this process, on or off. Where none was started with the process, nothing is done."""

    def __init__(self) -> None:
        """As the process began: on, where it is there at all."""
        self._coverage = Coverage.current()
        self._on = True

    def loaded(self) -> None:
        """While it is on: a module's own lines are seen, whoever imports it first."""
        if self._coverage is not None:
            for name in _modules():
                import_module(name)

    def turn(self, file: str) -> None:
        """On for the rules' tests, off for others. ``file``: its path from the repository's root."""
        on = file in RULES
        if self._coverage is None or on == self._on:
            return
        (self._coverage.start if on else self._coverage.stop)()
        self._on = on


def _modules() -> list[str]:
    domain = import_module("domain")
    return ["gateway.server", *(found.name for found in pkgutil.walk_packages(domain.__path__, "domain."))]
