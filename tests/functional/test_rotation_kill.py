"""Kill -9 of a masters' rotation at every step: something always opens, and the next run ends it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.build import ANN, BEN
from tests.fakes import NOW, FakeClock
from tests.support.vaults import House, Owner
from vault.escrow import Escrow
from vault.identities import identities_in
from vault.keys.rotation import ENDED, Order, Rotator
from vault.keys.survey import survey
from vault.masters import Masters
from vault.models import AuditEvent, SealingKey
from vault.objects.local import LocalStore
from vault.sealing import SealingKeys
from vault.unseal import CannotOpen, decrypt

pytestmark = pytest.mark.usefixtures("database")
ORDER = Order("cli:clerk", "test")
PEOPLE = [ANN, BEN]


class _Watch:
    """Counts the moments before and after each step, and kills its own process at one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.at, self.count = at, 0

    def around(self, step: Callable[[], Any]) -> Any:
        self._tick()
        result = step()
        self._tick()
        return result

    def _tick(self) -> None:
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1


class _Store(LocalStore):
    watch: _Watch

    def put(self, *args: Any, **more: Any) -> Any:
        return self.watch.around(lambda: super(_Store, self).put(*args, **more))

    def get(self, *args: Any) -> Any:
        return iter(self.watch.around(lambda: list(super(_Store, self).get(*args))))

    def list(self, *args: Any) -> Any:
        return iter(self.watch.around(lambda: list(super(_Store, self).list(*args))))

    def delete(self, *args: Any) -> None:
        self.watch.around(lambda: super(_Store, self).delete(*args))


class _Rotator(Rotator):
    watch: _Watch

    def _changed(self, *args: Any) -> bool:
        return self.watch.around(lambda: super(_Rotator, self)._changed(*args))

    def _tell(self, *args: Any) -> None:
        self.watch.around(lambda: super(_Rotator, self)._tell(*args))


def _rotate(house: House, new: list[Owner], watch: _Watch) -> None:
    store = _Store(house.folder / "escrow-store", house.clock)
    store.watch = watch
    rotator = _Rotator(Masters([o.public for o in new]), Escrow(store), [house.escrow.identity, new[0].identity])
    rotator.watch = watch
    rotator.run(ORDER, FakeClock(), lambda: None)


def _killed(work: Callable[[], None]) -> bool:
    """In a process of its own; whether it was killed."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _secret(sealed: bytes, owners: list[Owner]) -> str:
    (identity,) = identities_in(decrypt(sealed, [o.identity for o in owners], ""))
    return str(identity.to_public())


def _house(folder: Path) -> tuple[House, list[Owner]]:
    folder.mkdir()
    house = House(folder)
    SealingKeys(house.masters, house.escrow_store).public_halves(PEOPLE, NOW)
    return house, [Owner(folder / "new-records.key"), Owner(folder / "new-escrow.key")]


def test_killed_at_any_step_nothing_is_lost_and_the_next_run_ends_it(tmp_path: Path) -> None:
    """Both copies open after each kill, with an old or a new master; after the next run with the new ones alone."""
    house, new = _house(tmp_path / "counted")
    whole = _Watch()
    _rotate(house, new, whole)
    SealingKey.objects.all().delete()
    assert whole.count > 2 * 10
    for moment in range(whole.count):
        house, new = _house(tmp_path / f"{moment}")
        assert _killed(lambda: _rotate(house, new, _Watch(moment)))  # noqa: B023 - it runs at once
        for row in SealingKey.objects.all():
            either = [house.escrow, new[1]]
            assert _secret(bytes(row.sealed_secret), either) == row.public, moment
            assert _secret(Escrow(house.escrow_store).read(row.escrow_key), either) == row.public, moment
            assert house.escrow_store.stat(row.escrow_key, row.escrow_version).size, moment
        _rotate(house, new, _Watch())
        _is_whole(house, new, moment)
        SealingKey.objects.all().delete()


def _is_whole(house: House, new: list[Owner], moment: int) -> None:
    found = survey(Escrow(house.escrow_store))
    assert (found.missing, found.superseded, found.resurrected, found.unknown) == ((), (), (), ()), moment
    assert AuditEvent.objects.filter(action=ENDED).exists()
    for row in SealingKey.objects.all():
        for copy in (bytes(row.sealed_secret), Escrow(house.escrow_store).read(row.escrow_key)):
            assert {_secret(copy, [owner]) for owner in new} == {row.public}, moment
            with pytest.raises(CannotOpen):
                _secret(copy, [house.escrow, house.records_service])


def test_no_secret_is_ever_in_a_file(tmp_path: Path) -> None:
    """Killed after each write, no file of the house but the masters' own holds a secret key in the clear."""
    house, new = _house(tmp_path / "h")
    publics = set(SealingKey.objects.values_list("public", flat=True))
    for moment in (3, 9, 15):
        _killed(lambda: _rotate(house, new, _Watch(moment)))  # noqa: B023 - it runs at once
    files = [p for p in house.folder.rglob("*") if p.is_file() and p.suffix != ".key"]
    assert len(files) >= 2 * len(publics)
    assert [p for p in files if b"AGE-SECRET-KEY" in p.read_bytes()] == []
