"""A proposal carried out by a process that kills itself at its n-th write. For the kill tests alone.

Writes are counted where they happen: at the store's ``put``, ``delete`` and ``set_legal_hold``, and at each of the
database's commits, before and after each.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any


class Bomb:
    """Goes off when it has been passed ``left`` times."""

    def __init__(self, left: int) -> None:
        self.left = left

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, a step before it and a step after it."""

        def guarded(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = call(*args, **kwargs)
            self.step()
            return result

        return guarded

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    folder, batch, moment, left = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    import django

    django.setup()
    from django.db import connection

    from tests.fakes import FakeClock
    from tests.support.disposals import Office
    from tests.support.vaults import House

    bomb = Bomb(left)
    house = House(folder, FakeClock(datetime.fromisoformat(moment)))
    for store in (house.store, house.escrow_store):
        for method in ("put", "delete", "set_legal_hold"):
            setattr(store, method, bomb.around(getattr(store, method)))
    connection.ensure_connection()
    connection._commit = bomb.around(connection._commit)  # type: ignore[method-assign]
    Office(house).execute(batch)
    sys.stdout.write(f"done {bomb.left}\n")


if __name__ == "__main__":
    main()
