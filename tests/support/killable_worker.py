"""The worker's release of held mail with a trap: kill -9 of its own process at one named moment (``killable.py``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.killable import in_traps


def main() -> None:
    from cli.frame import framed

    settings = framed()
    from cli.jobs import held
    from gateway import bootstrap
    from gateway.clock import SystemClock

    built = bootstrap.built

    @contextmanager
    def trapped(*words: Any, **more: Any) -> Iterator[Any]:
        with built(*words, **more) as ports:
            yield in_traps(ports, os.environ["KILL_AT"])

    bootstrap.built = trapped  # type: ignore[assignment]
    held.settle(settings, SystemClock().now())


if __name__ == "__main__":
    main()
