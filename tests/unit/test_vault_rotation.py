"""Masters' rotation, survey and drill: what opens before, after and in between."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ConfigurationError, SallyportError, VaultUnavailable
from tests.build import ANN, BEN
from tests.fakes import NOW, FakeClock
from tests.support.vaults import House, Owner, filing
from vault.escrow import Escrow, key_of
from vault.keys.drill import HELD, Driller, chosen, due, last_passed
from vault.keys.rotation import BEGAN, ENDED, Order, Rotator
from vault.keys.survey import survey
from vault.masters import Masters, tag_of
from vault.models import AuditEvent, SavedSearch, SealingKey, VaultRecord
from vault.objects.local import LocalStore
from vault.sealing import SealingKeys
from vault.search.asked import sealed
from vault.unseal import CannotOpen, Opener, decrypt

pytestmark = pytest.mark.usefixtures("database")
ORDER = Order("cli:clerk", "the escrow key's safe was broken open")
DESTROYED = {"destroyed_at": NOW, "retired_at": NOW, "sealed_secret": b""}
PEOPLE = [ANN, BEN, "p-cora", "p-dan"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Four people's keys, sealed to the old masters."""
    built = House(tmp_path)
    SealingKeys(built.masters, built.escrow_store).public_halves(PEOPLE, NOW)
    return built


@pytest.fixture
def new(tmp_path: Path) -> list[Owner]:
    return [Owner(tmp_path / "new-records.key"), Owner(tmp_path / "new-escrow.key")]


def rotator(house: House, new: list[Owner], *identities: Any) -> Rotator:
    given = identities or (house.escrow.identity, new[0].identity)
    return Rotator(Masters([o.public for o in new]), Escrow(house.escrow_store), given)


def rotate(house: House, new: list[Owner], *identities: Any) -> Any:
    return rotator(house, new, *identities).run(ORDER, FakeClock(), lambda: None)


def opens(house: House, row: SealingKey, owner: Owner) -> tuple[bool, bool]:
    """Whether the owner opens the row's copy, and every copy in escrow."""
    copies = [Escrow(house.escrow_store).read(v.key, v.version) for v in house.escrow_store.list(row.escrow_key)]
    assert copies
    return _opens(bytes(row.sealed_secret), owner), all(_opens(c, owner) for c in copies)


def _opens(sealed: bytes, owner: Owner) -> bool:
    try:
        return decrypt(sealed, [owner.identity], "").startswith(b"# public key: age1")
    except CannotOpen:
        return False


def test_after_rotation_each_new_master_opens_and_no_old_one(house: House, new: list[Owner]) -> None:
    """In the database and in escrow; the public halves, and so all that was filed, stay."""
    record = VaultRecord.objects.get(pk=house.filer().file(filing(), NOW).record)
    publics = dict(SealingKey.objects.values_list("person", "public"))
    done = rotate(house, new)
    assert (done.resealed, done.unopened, done.unknown) == (4, (), 0)
    for row in SealingKey.objects.all():
        assert row.public == publics[row.person]
        assert opens(house, row, new[0]) == opens(house, row, new[1]) == (True, True)
        assert opens(house, row, house.escrow) == opens(house, row, house.records_service) == (False, False)
        assert house.escrow_store.stat(row.escrow_key).version == row.escrow_version
    assert len(list(house.escrow_store.list("keys/"))) == 4
    assert Opener(house.store, [new[1].identity]).bundle(record).manifest["record"] == record.pk
    with pytest.raises(CannotOpen):
        Opener(house.store, [house.escrow.identity]).bundle(record)


def test_rotating_again_does_nothing(house: House, new: list[Owner]) -> None:
    """The rows say that they are sealed to these masters, in whatever order the settings name them."""
    rotate(house, new)
    before = list(SealingKey.objects.order_by("pk").values_list("sealed_secret", "escrow_version"))
    again = rotator(house, new[::-1])
    assert again.waiting() == []
    assert again.run(ORDER, FakeClock(), lambda: None).resealed == 0
    assert list(SealingKey.objects.order_by("pk").values_list("sealed_secret", "escrow_version")) == before


def test_the_audit_trail_says_who_why_and_how_many_and_no_key(house: House, new: list[Owner]) -> None:
    """Before the first is opened, and after the last."""
    rotate(house, new)
    began, ended = AuditEvent.objects.order_by("sequence")
    assert (began.action, ended.action) == (BEGAN, ENDED)
    assert (began.actor, began.why) == (ended.actor, ended.why) == (ORDER.actor, ORDER.why)
    tag = tag_of(*(o.public for o in new))
    assert began.details == {"masters": tag, "shown": 1, "keys": 4}
    counts = {"resealed": 4, "searches": 0, "unopened": 0, "tidied": 0, "restored": 0}
    assert ended.details == {"masters": tag, "shown": 1, **counts}
    assert "age1" not in f"{began.details}{ended.details}".lower()


def test_fewer_than_two_masters_are_refused(house: House, new: list[Owner]) -> None:
    """The same one twice is one."""
    with pytest.raises(ConfigurationError):
        Masters([new[0].public, new[0].public.upper()])


def test_an_identity_that_opens_nothing_changes_nothing(house: House, new: list[Owner]) -> None:
    """Each key is named, and stays as it was."""
    before = list(SealingKey.objects.order_by("pk").values_list("sealed_secret", "escrow_version"))
    done = rotate(house, new, house.service.identity, new[0].identity)
    assert sorted(done.unopened) == sorted(f"{p}/1" for p in PEOPLE)
    assert done.resealed == 0
    assert list(SealingKey.objects.order_by("pk").values_list("sealed_secret", "escrow_version")) == before


def test_it_says_which_new_masters_were_shown(house: House, new: list[Owner]) -> None:
    """By opening a file that is sealed to each alone."""
    assert rotator(house, new).shown == [new[0].public]
    assert rotator(house, new, house.escrow.identity).shown == []
    assert rotator(house, new, new[1].identity, new[0].identity).shown == [o.public for o in new]


def test_while_no_new_master_was_shown_the_earlier_copies_stay(house: House, new: list[Owner]) -> None:
    """A recipient mistyped in the settings must not be the end of every secret; the first run that shows one tidies."""
    done = rotate(house, new, house.escrow.identity)
    assert (done.resealed, done.tidied) == (4, 0)
    for row in SealingKey.objects.all():
        copies = [v.version for v in house.escrow_store.list(row.escrow_key)]
        old = [v for v in copies if _opens(Escrow(house.escrow_store).read(row.escrow_key, v), house.escrow)]
        assert (len(copies), len(old)) == (2, 1)
        assert opens(house, row, new[0])[0]
    assert rotate(house, new, house.escrow.identity).tidied == 0
    assert rotate(house, new).tidied == 4
    for row in SealingKey.objects.all():
        assert opens(house, row, new[0]) == (True, True)
        assert opens(house, row, house.escrow) == (False, False)


def test_a_database_that_was_set_back_loses_no_secret(house: House, new: list[Owner]) -> None:
    """Its rows are sealed to masters that are gone; the copies in escrow are all that opens, whatever is tried."""
    before = {row.pk: row for row in SealingKey.objects.all()}
    rotate(house, new)
    for row in before.values():
        row.save()
    for _ in range(3):
        assert len(rotate(house, new, house.service.identity).unopened) == 4
    done = rotate(house, new, new[0].identity)
    assert (done.resealed, done.unopened) == (4, ())
    for row in SealingKey.objects.all():
        assert opens(house, row, new[1]) == (True, True)


def test_a_row_that_no_longer_opens_is_mended_from_escrow(house: House, new: list[Owner]) -> None:
    """The other way round too: one good copy is enough."""
    SealingKey.objects.filter(person=ANN).update(sealed_secret=b"damaged")
    row = SealingKey.objects.get(person=BEN)
    house.escrow_store.delete(row.escrow_key, row.escrow_version)
    assert rotate(house, new).resealed == 4
    for row in SealingKey.objects.all():
        assert opens(house, row, new[1]) == (True, True)


def test_a_key_destroyed_meanwhile_stays_destroyed(house: House, new: list[Owner]) -> None:
    """Between the new seal in escrow and the row, somebody carries out an approved destruction."""
    store = house.escrow_store

    class Meanwhile(LocalStore):
        def put(self, key: str, *args: Any, **more: Any) -> Any:
            stored = super().put(key, *args, **more)
            if f"keys/{ANN}/" in key and key.endswith(".age"):
                SealingKey.objects.filter(person=ANN).update(**DESTROYED)
            return stored

    house.escrow_store = Meanwhile(house.folder / "escrow-store", house.clock)
    done = rotate(house, new)
    assert (done.resealed, done.unopened) == (3, ())
    assert [v.key for v in store.list(f"keys/{ANN}/")] == []
    assert bytes(SealingKey.objects.get(person=ANN).sealed_secret) == b""


def test_what_a_crash_left_of_a_destroyed_key_is_removed(house: House, new: list[Owner]) -> None:
    """A version that came to escrow after the key's destruction must not stay."""
    row = SealingKey.objects.get(person=ANN)
    escrow = Escrow(house.escrow_store)
    SealingKey.objects.filter(person=ANN).update(**DESTROYED)
    assert [v.key for v in survey(escrow).resurrected] == [key_of(row)]
    assert rotate(house, new).tidied == 1
    assert survey(escrow).resurrected == ()
    assert escrow.list(f"keys/{ANN}/") == []


def test_an_object_that_no_row_names_is_left_alone(house: House, new: list[Owner]) -> None:
    """The database may have been set back: then it is all that there is of that key."""
    SealingKey.objects.filter(person=ANN).delete()
    done = rotate(house, new)
    assert done.unknown == 1
    assert len(Escrow(house.escrow_store).list(f"keys/{ANN}/")) == 1


def test_escrow_down_in_the_middle_loses_nothing_and_goes_on_later(house: House, new: list[Owner]) -> None:
    """Some are rotated, the others open as before; the next run does the rest."""

    class Failing(LocalStore):
        left = 2

        def put(self, *args: Any, **more: Any) -> Any:
            Failing.left -= 1
            if Failing.left < 0:
                raise VaultUnavailable("down")
            return super().put(*args, **more)

    store = house.escrow_store
    house.escrow_store = Failing(house.folder / "escrow-store", house.clock)
    with pytest.raises(VaultUnavailable):
        rotate(house, new)
    house.escrow_store = store
    rows = list(SealingKey.objects.all())
    assert [sum(opens(house, r, o) == (True, True) for r in rows) for o in (new[0], house.escrow)] == [2, 2]
    assert rotate(house, new).resealed == 2


def test_saved_searches_are_sealed_anew_too(house: House, new: list[Owner]) -> None:
    """Their words are a person's name as often as not. What does not open is named, and stays."""
    for ident, owner in (("s-1", house.escrow), ("s-2", house.service)):
        query = sealed(f"about:{ident}", [owner.public])
        SavedSearch.objects.create(
            id=ident, owner="clerk@council.example", key="k", query=query, terms={}, seen=0, made_at=NOW
        )
    done = rotate(house, new)
    assert (done.searches, done.unopened) == (1, ("search s-2",))
    first, second = (bytes(row.query) for row in SavedSearch.objects.order_by("id"))
    assert {decrypt(first, [owner.identity], "") for owner in new} == {b"about:s-1"}
    assert not _can(first, house.escrow)
    assert _can(second, house.service)


def _can(sealed_text: bytes, owner: Owner) -> bool:
    try:
        return bool(decrypt(sealed_text, [owner.identity], ""))
    except CannotOpen:
        return False


def drill(house: House, masters: list[str], *identities: Any, clock: FakeClock | None = None) -> Any:
    driller = Driller(Masters(masters), Escrow(house.escrow_store), identities)
    return driller.run(chosen(None), ORDER, clock or FakeClock(), lambda: None)


def test_a_drill_passes_with_either_master(house: House) -> None:
    """Each alone opens every secret, in both places; the audit trail has it, without keys."""
    for owner in (house.records_service, house.escrow):
        done = drill(house, house.masters, owner.identity)
        assert (done.passed, done.tried, done.living, done.masters) == (True, 4, 4, (owner.public,))
    event = AuditEvent.objects.filter(action=HELD).latest("sequence")
    assert event.details["masters"] == [tag_of(house.escrow.public)]
    assert (event.details["passed"], event.details["failed"]) == (True, 0)


def test_a_drill_finds_what_is_wrong(house: House) -> None:
    """Another secret in the row, one in escrow, one gone, one that a broken rotation left: each is named."""
    rows = {r.person: r for r in SealingKey.objects.all()}
    SealingKey.objects.filter(person=ANN).update(sealed_secret=bytes(rows[BEN].sealed_secret))
    house.escrow_store.put(rows[BEN].escrow_key, b"rubbish", tags={}, metadata={}, locked_until=None)
    house.escrow_store.delete(rows["p-cora"].escrow_key, rows["p-cora"].escrow_version)
    done = drill(house, house.masters, house.escrow.identity)
    assert done.problems == {
        f"{ANN}/1": "the database's copy does not open to it",
        f"{BEN}/1": "the copy in escrow does not open to it",
        "p-cora/1": "it is not in escrow",
    }
    assert done.left_over == 1
    assert not done.passed
    assert AuditEvent.objects.get(action=HELD).details["passed"] is False


@pytest.mark.parametrize("which", ["stranger", "nobody"])
def test_a_drill_that_shows_nothing_is_not_passed(house: House, which: str) -> None:
    """With a key that is no master's; and with no keys to try."""
    if which == "nobody":
        SealingKey.objects.all().delete()
    owner = house.service if which == "stranger" else house.escrow
    assert not drill(house, house.masters, owner.identity).passed


def test_what_is_remembered_of_drills(house: House) -> None:
    """For each master the last that was passed; before the first one, the oldest key's age counts."""
    masters, year = Masters(house.masters), timedelta(days=365)
    assert last_passed(masters) == dict.fromkeys(house.masters)
    assert due(None, year) == NOW + year
    drill(house, house.masters, house.escrow.identity, clock=FakeClock(NOW + timedelta(days=1)))
    drill(house, house.masters, house.escrow.identity, clock=FakeClock(NOW + timedelta(days=3)))
    drill(house, house.masters, house.service.identity, clock=FakeClock(NOW + timedelta(days=9)))
    found = last_passed(masters)
    assert found == {house.records_service.public: None, house.escrow.public: NOW + timedelta(days=3)}
    assert due(found[house.escrow.public], year) == NOW + timedelta(days=368)
    SealingKey.objects.all().delete()
    assert due(None, year) is None


def test_a_sample_is_drawn_by_lot_and_never_more_than_there_are(house: House) -> None:
    """Every key comes up in the end."""
    everything = set(chosen(None))
    assert len(everything) == 4
    assert set(chosen(9)) == everything
    seen = set()
    for _ in range(200):
        (one,) = chosen(1)
        seen.add(one)
    assert seen == everything


def test_no_error_of_all_this_tells_a_secret(house: House, new: list[Owner]) -> None:
    """Neither what is said to people nor what goes to the log."""
    with pytest.raises(SallyportError) as refused:
        decrypt(bytes(SealingKey.objects.all()[0].sealed_secret), [new[0].identity], "keys/x")
    assert "AGE-SECRET" not in f"{refused.value.public}{refused.value.private}{refused.value.fields}"
