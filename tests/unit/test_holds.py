"""Legal holds: what they cover, how they are lifted, and that the object store is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.watch_holds import holds_and_disposal
from domain.disposal import Obstacle
from domain.errors import VaultUnavailable
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.disposals import ANNA, BERT, CARL, DECADES, Office
from tests.support.vaults import House
from vault.disposal import executing
from vault.holds import coverage, searching, setting
from vault.holds.mirror import Mirror, Swept
from vault.holds.searching import Asked
from vault.holds.setting import NewHold, NotAllowed
from vault.ids import new_id
from vault.models import (
    AuditEvent,
    DisposalLine,
    HoldMatch,
    LegalHold,
    MirroredHold,
    SavedSearch,
    TargetKind,
    VaultObject,
    VaultRecord,
)
from vault.objects.local import LocalStore
from vault.objects.port import ObjectLocked
from vault.search import saved
from vault.search.asked import Asker

pytestmark = pytest.mark.usefixtures("database")
REVIEW = (NOW + timedelta(days=90)).date()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(House(tmp_path))


def hold(kind: str, *values: str, matches: Sequence[str] = ()) -> str:
    new = NewHold("the court asks", "C-17", REVIEW, {TargetKind(kind): values}, matches)
    return setting.set_hold(new, ANNA, NOW).hold


def a_search() -> str:
    """A saved search's id."""
    row = SavedSearch(id=new_id(NOW), owner="a@council.example", key="k", query=b"", terms={}, seen=0, made_at=NOW)
    row.save()
    return row.id


def lift(ident: str) -> None:
    setting.ask_to_lift(ident, "the case is over", BERT, NOW)
    setting.lift(ident, CARL, NOW)


def held() -> set[str]:
    return set(coverage.held_records().values_list("id", flat=True))


def on_in_store(office: Office) -> set[str]:
    """Records all of whose files have the store's own hold."""
    on: dict[str, list[bool]] = {}
    for row in VaultObject.objects.all():
        on.setdefault(row.record_id, []).append(office.house.store.stat(row.key, row.version).legal_hold)
    assert all(len(set(each)) == 1 for each in on.values())
    return {record for record, each in on.items() if each[0]}


def test_by_record(office: Office) -> None:
    first, _ = office.file(1), office.file(2)
    hold("record", first)
    assert held() == {first}


def test_by_person_also_what_is_filed_a_second_later(office: Office) -> None:
    """And what concerns them beside others; not what concerns others alone."""
    first, both, _ = office.file(1), office.file(2, [ANN, BEN]), office.file(3, [BEN])
    hold("person", ANN)
    office.house.clock.move(timedelta(seconds=1))
    later = office.file(4)
    assert held() == {first, both, later}


def test_by_incident_also_what_is_added_later(office: Office) -> None:
    first, second, _ = office.file(1), office.file(2), office.file(3)
    setting.add_to_incident("INC-7", [first], ANNA, NOW)
    hold("incident", "INC-7")
    assert held() == {first}
    assert setting.add_to_incident("INC-7", [first, second], ANNA, NOW) == 1
    assert held() == {first, second}


def test_by_search_what_it_has_found_stays(office: Office) -> None:
    """Handed over when it is set, asked again by the sweep; what it finds no more is covered all the same."""
    first, second, _ = office.file(1), office.file(2), office.file(3)
    search = a_search()
    hold("search", search, matches=[first])
    found = {search: [second, "0" * 26]}
    assert searching.ask_again("worker:one", NOW, lambda ident: found[ident]) == Asked(1, ())
    assert held() == {first, second}
    assert searching.ask_again("worker:one", NOW, lambda _: []) == Asked(0, ())
    assert held() == {first, second}


def test_a_search_that_cannot_be_asked_stops_every_destruction(office: Office) -> None:
    """The index has another key: nobody knows what the hold would cover."""
    office.file(1)
    ident = hold("search", a_search())
    office.house.clock.move(DECADES)
    batch = office.propose()
    office.approve(batch, BERT, CARL)

    def unaskable(_: str) -> list[str]:
        raise saved.OldKey("another index key")

    records = executing.Records(office.house.store, office.viewer, office.house.clock, ANNA, search=unaskable)
    with pytest.raises(NotAllowed) as refused:
        records.run(batch)
    assert ident in refused.value.public
    assert VaultRecord.objects.get().state == "filed"
    lift(ident)
    assert len(records.run(batch).disposed) == 1


def test_many_holds_on_one_record(office: Office) -> None:
    """Lifting one leaves the others."""
    record = office.file()
    one, other = hold("record", record), hold("person", ANN)
    lift(one)
    assert held() == {record}
    lift(other)
    assert held() == set()
    assert coverage.holds_ever([record]) == {record: sorted([one, other])}


def test_lifting_takes_a_reason_and_a_second_person(office: Office) -> None:
    ident = hold("record", office.file())
    for attempt, obstacle in (
        (lambda: setting.lift(ident, CARL, NOW), Obstacle.NOT_ASKED),
        (lambda: setting.ask_to_lift(ident, "  ", BERT, NOW), Obstacle.NO_REASON),
        (lambda: setting.ask_to_lift(ident, "over", "worker:one", NOW), Obstacle.NOT_A_PERSON),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert obstacle in refused.value.public
    setting.ask_to_lift(ident, "over", BERT, NOW)
    for actor, obstacle in ((BERT, Obstacle.SAME_PERSON), ("worker:one", Obstacle.NOT_A_PERSON)):
        with pytest.raises(NotAllowed) as refused:
            setting.lift(ident, actor, NOW)
        assert obstacle in refused.value.public
    assert held()
    setting.lift(ident, CARL, NOW)
    for again in (lambda: setting.lift(ident, ANNA, NOW), lambda: setting.ask_to_lift(ident, "x", ANNA, NOW)):
        with pytest.raises(NotAllowed, match="LIFTED"):
            again()
    actions = AuditEvent.objects.filter(details__hold=ident).values_list("action", "actor")
    assert list(actions) == [("hold set", ANNA), ("hold lifting asked", BERT), ("hold lifted", CARL)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"reason": " "}, "a reason is needed"),
        ({"reference": ""}, "reference"),
        ({"review_on": NOW.date()}, "later than today"),
        ({"targets": {}}, "Say what the hold is on"),
        ({"targets": {TargetKind.RECORD: ["0" * 26]}}, "no record"),
        ({"matches": ["0" * 26]}, "no record"),
        ({"targets": {TargetKind.SEARCH: ["Ann Lee"]}}, "no such saved search"),
        ({"targets": {TargetKind.PERSON: ["p" * 1001]}}, "1 to 1000"),
    ],
)
def test_what_is_no_hold(office: Office, change: dict[str, Any], says: str) -> None:
    """Each with a sentence, and nothing is written."""
    good: dict[str, Any] = {
        "reason": "r",
        "reference": "C-1",
        "review_on": REVIEW,
        "targets": {TargetKind.PERSON: [ANN]},
    }
    with pytest.raises(NotAllowed) as refused:
        setting.set_hold(NewHold(**(good | change)), ANNA, NOW)
    assert says in refused.value.public
    assert not LegalHold.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_program_sets_no_hold_and_an_unknown_hold_is_none(office: Office) -> None:
    with pytest.raises(NotAllowed):
        setting.set_hold(NewHold("r", "C-1", REVIEW, {TargetKind.PERSON: [ANN]}), "worker:one", NOW)
    with pytest.raises(NotAllowed, match="hold"):
        setting.lift("0" * 26, ANNA, NOW)
    with pytest.raises(NotAllowed):
        setting.add_to_incident(" ", [], ANNA, NOW)
    with pytest.raises(NotAllowed):
        setting.add_to_incident("INC-1", ["0" * 26], ANNA, NOW)


def test_the_store_is_told_and_told_again(office: Office) -> None:
    """On every file, read back; off when the last hold has gone; a sweep with nothing to do does nothing."""
    first, second = office.file(1), office.file(2, [BEN])
    mirror, ones = Mirror(office.house.store, "worker:one"), [hold("record", first), hold("person", ANN)]
    assert mirror.waiting() == 3
    assert mirror.sweep(NOW) == Swept(put_on=3)
    assert on_in_store(office) == {first}
    assert mirror.sweep(NOW) == Swept()
    lift(ones[0])
    assert mirror.sweep(NOW) == Swept()
    hold("record", second)
    lift(ones[1])
    assert mirror.sweep(NOW) == Swept(put_on=3, taken_off=3)
    assert on_in_store(office) == {second}
    assert list(AuditEvent.objects.filter(record=first).values_list("action", flat=True)) == [
        "filed", "hold put on files", "hold taken off files",
    ]  # fmt: skip


def test_a_file_that_is_held_in_the_store_cannot_be_deleted_past_us(office: Office) -> None:
    """By whoever has the store's own tools, long after the lock."""
    hold("record", office.file())
    Mirror(office.house.store, "worker:one").sweep(NOW)
    office.house.clock.move(DECADES)
    row = VaultObject.objects.first()
    assert row
    with pytest.raises(ObjectLocked):
        office.house.store.delete(row.key, row.version)


def test_a_hold_that_somebody_took_off_the_store_is_put_back(office: Office) -> None:
    hold("record", office.file())
    mirror = Mirror(office.house.store, "worker:one")
    mirror.sweep(NOW)
    row = VaultObject.objects.first()
    assert row
    office.house.store.set_legal_hold(row.key, row.version, False)
    assert mirror.verify(NOW) == Swept(mended=1)
    assert office.house.store.stat(row.key, row.version).legal_hold
    assert mirror.verify(NOW) == Swept()
    assert AuditEvent.objects.filter(action="hold put back").count() == 1


class Breaking(LocalStore):
    """Answers ``good`` times, then no more; or takes a hold and does not keep it."""

    good = 1_000
    forgets = False

    def set_legal_hold(self, key: str, version: str, on: bool) -> None:
        self.good -= 1
        if self.good < 0:
            raise VaultUnavailable("time-out")
        if not self.forgets:
            super().set_legal_hold(key, version, on)


def test_a_sweep_that_was_broken_off_goes_on(office: Office) -> None:
    """Files that could not be set are counted, and set by the next one."""
    office.file(1)
    hold("person", ANN)
    store = Breaking(office.house.folder / "objects", office.house.clock)
    store.good = 2
    assert Mirror(store, "worker:one").sweep(NOW) == Swept(put_on=2, failed=1)
    assert MirroredHold.objects.exclude(read_back_at=None).count() == 2
    assert Mirror(office.house.store, "worker:one").sweep(NOW) == Swept(put_on=1)
    assert on_in_store(office)


def test_a_hold_that_a_crash_left_in_the_store_is_taken_off(office: Office) -> None:
    """Set in the store, not yet marked, and lifted before the next sweep."""
    record = office.file(1)
    ident = hold("person", ANN)

    class Power(Exception):
        pass

    class Cut(LocalStore):
        def stat(self, key: str, version: str = "") -> Any:
            raise Power

    with pytest.raises(Power):
        Mirror(Cut(office.house.folder / "objects", office.house.clock), "worker:one").sweep(NOW)
    assert any(office.house.store.stat(o.key).legal_hold for o in VaultObject.objects.all())
    lift(ident)
    Mirror(office.house.store, "worker:one").sweep(NOW)
    assert on_in_store(office) == set()
    assert not MirroredHold.objects.exists()
    assert held() == set()
    assert record


def test_a_store_that_says_yes_and_does_nothing_is_not_believed(office: Office) -> None:
    office.file(1)
    hold("person", ANN)
    store = Breaking(office.house.folder / "objects", office.house.clock)
    store.forgets = True
    mirror = Mirror(store, "worker:one")
    assert mirror.sweep(NOW) == Swept(failed=3)
    assert (mirror.held(), mirror.waiting()) == (0, 3)


def test_a_saved_search_that_a_hold_is_on_is_not_forgotten(office: Office) -> None:
    """Else nobody could ask it again."""
    search, asker = a_search(), Asker(ANNA, "tidying")
    ident = hold("search", search)
    with pytest.raises(saved.OnHold):
        saved.forget(search, asker, NOW)
    lift(ident)
    saved.forget(search, asker, NOW)
    assert not SavedSearch.objects.exists()


def test_check_names_late_reviews_and_what_was_broken_off(office: Office) -> None:
    """And says that all is well where it is."""
    office.file(1)
    assert [good for good, _ in holds_and_disposal(NOW)] == [True]
    ident = hold("person", ANN)
    assert [good for good, _ in holds_and_disposal(NOW + timedelta(days=90))] == [False]
    lift(ident)
    office.house.clock.move(DECADES)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    office.records()._begin(DisposalLine.objects.get())
    assert [good for good, _ in holds_and_disposal(office.house.clock.now())] == [True]
    later = list(holds_and_disposal(office.house.clock.now() + timedelta(hours=2)))
    assert later[1] == (False, f"a disposal was broken off; run: sallyport disposal execute {batch}")
    office.execute(batch)
    assert [good for good, _ in holds_and_disposal(office.house.clock.now() + timedelta(hours=2))] == [True]


def test_what_is_covered_is_not_proposed_and_comes_up_when_the_hold_has_gone(office: Office) -> None:
    """Also while the store still has its own hold on: the line waits for the sweep."""
    record = office.file()
    ident = hold("person", ANN)
    mirror = Mirror(office.house.store, "worker:one")
    mirror.sweep(NOW)
    office.house.clock.move(DECADES)
    assert office.propose() == ""
    lift(ident)
    batch = office.propose()
    office.approve(batch, BERT, CARL)
    assert office.execute(batch).kept == {record: Obstacle.LOCKED}
    mirror.sweep(office.house.clock.now())
    assert office.execute(batch).disposed == [record]


def test_a_hold_says_what_it_comes_too_late_for(office: Office) -> None:
    """A record that has gone is not covered silently."""
    gone, _ = office.file(1), office.file(2, [ANN, BEN])
    office.house.clock.move(DECADES)
    office.placed(BEN)
    office.dispose()
    new = NewHold("the court asks", "C-1", (NOW + 2 * DECADES).date(), {TargetKind.PERSON: [ANN]})
    done = setting.set_hold(new, ANNA, office.house.clock.now())
    assert (done.covered, done.too_late) == (1, (gone,))
    assert Mirror(office.house.store, "worker:one").sweep(NOW) == Swept(put_on=4)
    assert not HoldMatch.objects.exists()
