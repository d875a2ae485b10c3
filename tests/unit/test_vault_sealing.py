"""Sealing to public halves, and the keys of people."""

from __future__ import annotations

import threading
from pathlib import Path

import pyrage
import pytest
from django.db import connection

from domain.errors import ConfigurationError, VaultUnavailable
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.vaults import House, Owner
from vault.masters import Masters
from vault.models import SealingKey
from vault.objects.local import LocalStore
from vault.sealing import PublicHalves, SealingKeys, new_person_key, seal


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def keys_of(house: House) -> SealingKeys:
    return SealingKeys(house.masters, house.escrow_store)


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])
def test_each_recipient_opens_it_alone(house: House, size: int) -> None:
    """Any one of the keys is enough; the digests are of what went in and what came out."""
    data = b"x" * size
    sealed = seal(data, [house.escrow.public, house.service.public])
    for owner in (house.escrow, house.service):
        assert pyrage.decrypt(sealed.content, [owner.identity]) == data
    assert sealed.plain_size == size


def test_nobody_else_opens_it(house: House) -> None:
    sealed = seal(b"secret words", [house.escrow.public])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed.content, [house.service.identity])
    assert b"secret" not in sealed.content


def test_sealed_to_nobody_is_refused() -> None:
    with pytest.raises(ValueError):
        seal(b"x", [])


def test_a_bad_recipient_is_an_error_and_not_plaintext(house: House) -> None:
    with pytest.raises(VaultUnavailable):
        seal(b"x", [house.escrow.public, "age1nonsense"])


def test_a_persons_secret_opens_with_either_master_and_with_no_other(house: House) -> None:
    made = new_person_key(Masters(house.masters))
    for master in (house.records_service, house.escrow):
        assert b"AGE-SECRET-KEY-1" in pyrage.decrypt(made.sealed_secret, [master.identity])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made.sealed_secret, [house.service.identity])
    assert b"AGE-SECRET-KEY" not in made.sealed_secret


@pytest.mark.parametrize("masters", [[], ["one"], ["one", "one"]])
def test_fewer_than_two_masters_are_refused(house: House, masters: list[str]) -> None:
    """One lost key must not lose everything."""
    publics = [house.escrow.public if m == "one" else m for m in masters]
    with pytest.raises(ConfigurationError) as refused:
        SealingKeys(publics, house.escrow_store)
    assert "vault.masters" in refused.value.public


def test_a_secret_key_in_the_settings_is_refused_without_being_shown(house: House) -> None:
    """The relay is to hold public halves only."""
    secret = str(house.service.identity)
    with pytest.raises(ConfigurationError) as refused:
        PublicHalves(secret)
    assert "vault.service_recipient" in refused.value.public
    assert secret not in refused.value.public + refused.value.private


@pytest.mark.usefixtures("database")
def test_a_key_is_made_once_for_a_person(house: House) -> None:
    keys = keys_of(house)
    first = keys.public_halves([ANN, BEN], NOW)
    assert first == keys.public_halves([BEN, ANN], NOW) == keys_of(house).public_halves([ANN, BEN], NOW)
    assert SealingKey.objects.count() == 2
    assert len(list(house.escrow_store.list("keys/"))) == 2


@pytest.mark.usefixtures("database")
def test_the_escrow_object_holds_the_same_secret_and_no_lock(house: House) -> None:
    """It can be destroyed together with the row."""
    keys_of(house).public_halves([ANN], NOW)
    row = SealingKey.objects.get()
    assert b"".join(house.escrow_store.get(row.escrow_key, row.escrow_version)) == bytes(row.sealed_secret)
    assert house.escrow_store.stat(row.escrow_key, row.escrow_version).locked_until is None


@pytest.mark.usefixtures("database")
def test_after_a_key_was_destroyed_a_new_generation_is_made(house: House) -> None:
    keys = keys_of(house)
    old = keys.public_halves([ANN], NOW)[ANN]
    SealingKey.objects.update(destroyed_at=NOW, sealed_secret=b"")
    new = keys.public_halves([ANN], NOW)[ANN]
    assert new != old
    assert list(SealingKey.objects.order_by("generation").values_list("generation", flat=True)) == [1, 2]


@pytest.mark.usefixtures("database")
def test_without_escrow_no_key_comes_to_be(house: House, tmp_path: Path) -> None:
    """Documents sealed to a key that only the database has would be lost with it."""

    class Down(LocalStore):
        def put(self, *args: object, **more: object) -> object:
            raise VaultUnavailable("down")

    house.escrow_store = Down(tmp_path / "down", house.clock)
    with pytest.raises(VaultUnavailable):
        keys_of(house).public_halves([ANN], NOW)
    assert not SealingKey.objects.exists()


@pytest.mark.usefixtures("database")
def test_threads_agree_on_one_key(house: House) -> None:
    """Two mails about a new person at once: one key, and no stray secret in escrow."""
    barrier, found = threading.Barrier(4), []

    def ask() -> None:
        barrier.wait()
        found.append(keys_of(house).public_halves([ANN], NOW)[ANN])
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert set(found) == {SealingKey.objects.get().public}
    assert len(list(house.escrow_store.list("keys/"))) == 1


def test_the_owner_file_is_what_age_reads(tmp_path: Path) -> None:
    """The tests' own identities are of the real form."""
    owner = Owner(tmp_path / "k")
    assert owner.file.read_text().splitlines()[-1].startswith("AGE-SECRET-KEY-1")
