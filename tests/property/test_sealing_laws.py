"""Whatever is done with keys and masters, in whatever order, broken off wherever: what must open opens, and no more.

The laws: (1) each living key opens, from its row and from the newest copy in escrow, with a master that somebody has;
(2) after a whole rotation in which a new master was shown to open, it opens with the new masters and with no other;
(3) what was filed opens as long as the key that it was sealed to lives, whatever was rotated or renewed since; (4) once
that key is destroyed, it opens for nobody, with all masters that there ever were.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from domain.errors import VaultUnavailable
from tests.build import ANN
from tests.fakes import NOW, FakeClock
from tests.support.vaults import LOCK, SCHEDULE, House, Owner, filing
from vault.escrow import Escrow
from vault.filing import Filer
from vault.keys.rotation import Order, Rotator
from vault.masters import Masters
from vault.models import SealingKey, VaultRecord
from vault.objects.local import LocalStore
from vault.sealing import PublicHalves, SealingKeys
from vault.unseal import CannotOpen, Opener, decrypt

_OWNERS = 4
_PAIR = st.tuples(st.integers(0, _OWNERS - 1), st.integers(0, _OWNERS - 1)).filter(lambda pair: pair[0] != pair[1])


class _Breaking(LocalStore):
    """Fails from its n-th write on: what a crash or an outage does to a rotation."""

    left = 0

    def put(self, *args: Any, **more: Any) -> Any:
        self._count()
        return super().put(*args, **more)

    def delete(self, *args: Any) -> None:
        self._count()
        super().delete(*args)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise VaultUnavailable("down")


class Keys(RuleBasedStateMachine):
    """One person, four owners of masters of whom two are in the settings."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="laws-"))
        self.house = House(self.folder)
        self.owners = [Owner(self.folder / f"{n}.key") for n in range(_OWNERS)]
        self.named = (0, 1)
        self.whole = True
        self.filed: list[tuple[str, int]] = []
        self.mails = 0
        SealingKey.objects.all().delete()

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @property
    def masters(self) -> list[str]:
        return [self.owners[n].public for n in self.named]

    @rule()
    def file(self) -> None:
        """A mail about Ann, to the newest key."""
        SealingKeys(self.masters, self.house.escrow_store).public_halves([ANN], NOW)
        self.mails += 1
        filer = Filer(self.house.store, PublicHalves(self.house.service.public), SCHEDULE, lock=LOCK)
        receipt = filer.file(filing(raw=f"Subject: {id(self)}.{self.mails}\r\n\r\nx\r\n".encode()), NOW)
        living = SealingKey.objects.filter(destroyed_at=None).order_by("-generation")
        self.filed.append((receipt.record, living[0].generation))

    @rule()
    def renew(self) -> None:
        SealingKeys(self.masters, self.house.escrow_store).renew(ANN, NOW, actor="cli", why="law")

    @rule(pair=_PAIR, breaks=st.one_of(st.none(), st.integers(0, 6)), via=st.integers(0, _OWNERS - 1))
    def rotate(self, pair: tuple[int, int], breaks: int | None, via: int) -> None:
        """Onto any two; whole, or broken off at any write; by somebody whose identities may not open all."""
        self.named = pair
        given = [self.owners[via].identity, *([o.identity for o in self.owners] if breaks is None else [])]
        store: LocalStore = LocalStore(self.folder / "escrow-store", self.house.clock)
        if breaks is not None:
            store = _Breaking(self.folder / "escrow-store", self.house.clock)
            store.left = breaks
        rotator = Rotator(Masters(self.masters), Escrow(store), given)
        try:
            done = rotator.run(Order("cli", "law"), FakeClock(), lambda: None)
        except VaultUnavailable:
            self.whole = False
        else:
            self.whole = not done.unopened and bool(rotator.shown)

    @precondition(lambda self: SealingKey.objects.filter(destroyed_at=None).exists())
    @rule(which=st.randoms())
    def destroy(self, which: Any) -> None:
        """As an approved destruction does: out of the row, and out of escrow."""
        row = which.choice(list(SealingKey.objects.filter(destroyed_at=None)))
        SealingKey.objects.filter(pk=row.pk).update(retired_at=NOW, destroyed_at=NOW, sealed_secret=b"")
        Escrow(self.house.escrow_store).destroy(row, NOW)

    @invariant()
    def living_keys_open(self) -> None:
        """Laws 1 and 2."""
        for row in SealingKey.objects.filter(destroyed_at=None):
            for copy in (bytes(row.sealed_secret), Escrow(self.house.escrow_store).read(row.escrow_key)):
                who = {n for n, owner in enumerate(self.owners) if _opens(lambda c=copy, o=owner: _open(c, o))}
                assert len(who) >= 2
                if self.whole:
                    assert who == set(self.named)

    @invariant()
    def what_was_filed_opens_while_its_key_lives(self) -> None:
        """Laws 3 and 4."""
        opener = Opener(self.house.store, [o.identity for o in self.owners])
        living = set(SealingKey.objects.filter(destroyed_at=None).values_list("generation", flat=True))
        for record, generation in self.filed:
            row = VaultRecord.objects.get(pk=record)
            assert _opens(lambda r=row: opener.bundle(r)) == (generation in living)


def _open(copy: bytes, owner: Owner) -> bytes:
    return decrypt(copy, [owner.identity], "")


def _opens(step: Callable[[], Any]) -> bool:
    try:
        step()
    except CannotOpen:
        return False
    return True


@pytest.mark.usefixtures("database")
def test_the_laws_of_keys_hold_in_any_order_of_events() -> None:
    """Filing, renewing, rotating (also broken off) and destroying, mixed."""
    quick = settings(max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Keys, settings=quick)
