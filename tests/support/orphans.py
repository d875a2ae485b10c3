"""Filings that die at a chosen moment, and what they leave in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.errors import VaultUnavailable
from domain.ports import Filing
from tests.support.vaults import LOCK, SCHEDULE, House
from vault.filing import Filer
from vault.objects.local import LocalStore
from vault.objects.port import Stored
from vault.sealing import PublicHalves


class Dying(LocalStore):
    """The first ``lives`` files are stored; then it is away."""

    lives = 0

    def put(self, key: str, data: bytes, **more: Any) -> Stored:
        self.lives -= 1
        if self.lives < 0:
            raise VaultUnavailable("down")
        return super().put(key, data, **more)


class Killed(Exception):
    """The relay is gone before the rows are written."""


class _WithoutRows(Filer):
    def _place_all(self, *args: Any) -> Any:
        super()._place_all(*args)
        raise Killed


def leave_orphans(house: House, mail: Filing, at: datetime, files: int | None = None) -> None:
    """So many ``files`` of a mail; None for all of them, with no row."""
    store = Dying(house.folder / "objects", house.clock)
    store.lives = 99 if files is None else files
    kind = _WithoutRows if files is None else Filer
    try:
        kind(store, PublicHalves(house.service.public), SCHEDULE, lock=LOCK).file(mail, at)
    except (Killed, VaultUnavailable):
        return
    raise AssertionError("it was filed")
