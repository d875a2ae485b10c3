"""Sealed secrets as objects: read back, forgotten, destroyed with a mark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.vaults import House
from vault.escrow import Escrow, key_of
from vault.models import SealingKey
from vault.objects.port import NoSuchObject
from vault.sealing import SealingKeys

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def house(tmp_path: Path) -> House:
    built = House(tmp_path)
    SealingKeys(built.masters, built.escrow_store).public_halves([ANN, BEN], NOW)
    return built


def test_a_destroyed_key_leaves_a_mark_and_no_version(house: House) -> None:
    """Also versions that a broken rotation left; and somebody else's key stays."""
    escrow, row = Escrow(house.escrow_store), SealingKey.objects.get(person=ANN)
    escrow.put(row)
    assert escrow.destroy(row, NOW) == 2
    with pytest.raises(NoSuchObject):
        escrow.read(key_of(row))
    (mark,) = house.escrow_store.list(f"keys/{ANN}/")
    assert mark.key == key_of(row).removesuffix(".age") + ".destroyed"
    said = json.loads(escrow.read(mark.key))
    assert said == {"format": "sallyport-v1", "public": row.public, "destroyed_at": NOW.isoformat()}
    assert [v.key for v in escrow.list()] == [key_of(SealingKey.objects.get(person=BEN))]


def test_destroying_again_changes_nothing(house: House) -> None:
    """So a destruction that was broken off can be repeated."""
    escrow, row = Escrow(house.escrow_store), SealingKey.objects.get(person=ANN)
    escrow.destroy(row, NOW)
    assert escrow.destroy(row, NOW) == 0
    assert len(list(house.escrow_store.list(f"keys/{ANN}/"))) == 1


def test_forgetting_what_is_gone_is_no_error(house: House) -> None:
    """Two processes may tidy at once."""
    escrow, row = Escrow(house.escrow_store), SealingKey.objects.get(person=ANN)
    escrow.forget(row.escrow_key, row.escrow_version)
    escrow.forget(row.escrow_key, row.escrow_version)
    assert [v.key for v in escrow.list(f"keys/{ANN}/")] == []


def test_the_metadata_says_which_masters_open_it(house: House) -> None:
    """Public tags alone, no secret and no name."""
    row = SealingKey.objects.get(person=ANN)
    metadata = house.escrow_store.stat(row.escrow_key).metadata
    assert metadata == {"format": "sallyport-v1", "public": row.public, "masters": row.sealed_to}
    assert len(row.sealed_to) == 16
