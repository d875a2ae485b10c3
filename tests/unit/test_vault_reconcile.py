"""Bucket, rows and index compared both ways: each difference is found, named, and put right only where that is safe."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.errors import VaultUnavailable
from tests.build import ANN
from tests.fakes import NOW
from tests.support.orphans import leave_orphans
from tests.support.vaults import LOCK, SCHEDULE, House, filing, plain
from vault.filing import Filer
from vault.ids import new_id
from vault.models import (
    AuditEvent,
    HoldTarget,
    LegalHold,
    ReconcileRun,
    RecordState,
    RetentionState,
    SealingKey,
    SearchEntry,
    VaultObject,
    VaultRecord,
)
from vault.objects.local import LocalStore
from vault.reconcile.findings import Finding, Kind, Weight
from vault.reconcile.run import Plan, Report, SomebodyElse, reconcile, waiting
from vault.sealing import PublicHalves
from vault.search.tokens import Keyed

pytestmark = pytest.mark.usefixtures("database")
LATER = NOW + timedelta(days=2)
KEYED = Keyed(b"k" * 32)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A confidential mail about Ann and a plain one, filed and indexed."""
    house = House(tmp_path)
    house.filer()  # makes people's keys
    filer = Filer(house.store, PublicHalves(house.service.public), SCHEDULE, lock=LOCK, keyed=KEYED)
    filer.file(filing(), NOW)
    filer.file(plain(), NOW)
    house.clock.move(timedelta(days=2))
    return house


def plan(house: House, **options: bool) -> Plan:
    return Plan(house.store, house.escrow_store, "cli:tester", **options)


def found(house: House, **options: bool) -> list[tuple[Kind, str]]:
    return [(f.kind, f.key or f.record) for f in reconcile(plan(house, **options), LATER).findings]


def part_of(kind: str = "part") -> VaultObject:
    return VaultObject.objects.get(kind=kind, record__subjects__person=ANN)


def file_of(house: House, row: VaultObject) -> Path:
    return house.folder / "objects" / f"{row.key}@{row.version}"


def side(house: House, row: VaultObject, **values: object) -> None:
    path = file_of(house, row).with_name(file_of(house, row).name + ".json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_what_was_filed_agrees(house: House) -> None:
    """Nothing to say; every file, key and record was looked at; the audit trail has it."""
    report = reconcile(plan(house, whole_bytes=True), LATER)
    assert report.agrees
    assert report.findings == ()
    assert report.looked == 4 + 4 + (2 + 2) + 2
    event = AuditEvent.objects.get(action="reconciled")
    assert event.details["counts"] == {"looked at": 14}
    assert event.actor == "cli:tester"


def lost(house: House, row: VaultObject) -> None:
    file_of(house, row).unlink()


def shorter(house: House, row: VaultObject) -> None:
    file_of(house, row).write_bytes(b"x" * (row.sealed_size - 1))


def other_digest(house: House, row: VaultObject) -> None:
    side(house, row, metadata={"sealed-sha256": "0" * 64})


def cut_lock(house: House, row: VaultObject) -> None:
    side(house, row, locked_until=(NOW + timedelta(days=29)).isoformat())


def no_lock(house: House, row: VaultObject) -> None:
    side(house, row, locked_until=None)


def longer_lock(house: House, row: VaultObject) -> None:
    house.store.extend_lock(row.key, row.version, row.locked_until + timedelta(days=1))


def other_tags(house: House, row: VaultObject) -> None:
    house.store.set_tags(row.key, row.version, {"class": "medical", "subject": "p-other"})


def held_there(house: House, row: VaultObject) -> None:
    house.store.set_legal_hold(row.key, row.version, on=True)


def second_version(house: House, row: VaultObject) -> None:
    house.store.put(row.key, b"again", tags={}, metadata={}, locked_until=None)


def unlisted(house: House, row: VaultObject) -> None:
    house.store.put(row.key.replace("/2.age", "/77.age"), b"x", tags={}, metadata={}, locked_until=None)


def foreign(house: House, row: VaultObject) -> None:
    house.store.put(row.key + ".bak", b"x", tags={}, metadata={}, locked_until=None)


@pytest.mark.parametrize(
    ("damage", "kinds"),
    [
        (lost, [Kind.MISSING]),
        (shorter, [Kind.SIZE]),
        (other_digest, [Kind.BYTES]),
        (cut_lock, [Kind.LOCK_SHORT]),
        (no_lock, [Kind.LOCK_SHORT]),
        (longer_lock, [Kind.LOCK_LONG]),
        (other_tags, [Kind.TAGS]),
        (held_there, [Kind.HOLD_ON]),
        (second_version, [Kind.VERSION]),
        (unlisted, [Kind.UNLISTED]),
        (foreign, [Kind.FOREIGN]),
    ],
)
def test_each_difference_is_named(
    house: House, damage: Callable[[House, VaultObject], None], kinds: list[Kind]
) -> None:
    """The kind, and the file it is about; without --repair nothing is changed."""
    row = part_of()
    damage(house, row)
    before = {p: p.read_bytes() for p in house.folder.rglob("*") if p.is_file()}
    seen = found(house)
    assert [kind for kind, _ in seen] == kinds
    assert seen[0][1].startswith(row.key.rpartition("/")[0])
    assert {p: p.read_bytes() for p in house.folder.rglob("*") if p.is_file()} == before
    assert reconcile(plan(house), LATER).agrees == all(k.weight is Weight.NOTICE for k in kinds)


def test_bytes_are_read_when_asked_for(house: House) -> None:
    """Same length, same metadata, another octet: only reading finds it out."""
    row = part_of()
    file_of(house, row).write_bytes(b"x" * row.sealed_size)
    assert found(house) == []
    assert found(house, whole_bytes=True) == [(Kind.BYTES, row.key)]


@pytest.mark.parametrize("damage", [cut_lock, no_lock, other_tags])
def test_repair_puts_right_what_can_do_no_harm(house: House, damage: Callable[[House, VaultObject], None]) -> None:
    """Said in the audit trail before; afterwards all agrees; other tags stay as they were."""
    row = part_of()
    damage(house, row)
    report = reconcile(plan(house, repair=True), LATER)
    assert report.agrees
    assert (report.repaired, [f.repaired for f in report.findings]) == (1, [True])
    assert found(house) == []
    event = AuditEvent.objects.get(action="repairing")
    assert (event.record, event.details["key"]) == (row.record_id, row.key)
    stat, tags = house.store.stat(row.key, row.version), house.store.tags(row.key, row.version)
    assert stat.locked_until
    assert stat.locked_until >= row.locked_until
    assert (tags["subject"], tags["class"]) == (ANN, "medical")


def test_repair_takes_nothing_away(house: House) -> None:
    """No lock is cut, no hold taken off, no file removed."""
    row = part_of()
    longer_lock(house, row)
    held_there(house, row)
    second_version(house, row)
    foreign(house, row)
    before = {p: p.read_bytes() for p in house.folder.rglob("*") if p.is_file()}
    report = reconcile(plan(house, repair=True), LATER)
    assert report.repaired == 0
    assert {p: p.read_bytes() for p in house.folder.rglob("*") if p.is_file()} == before


def test_what_cannot_be_repaired_is_said(house: House) -> None:
    """The store refuses: it stays a difference."""
    row = part_of()
    cut_lock(house, row)

    class Stubborn(LocalStore):
        def extend_lock(self, key: str, version: str, until: object) -> None:
            pass

    house.store = Stubborn(house.folder / "objects", house.clock)
    report = reconcile(plan(house, repair=True), LATER)
    assert not report.agrees
    assert report.of(Weight.BEHIND) == {Kind.LOCK_SHORT: 1}


def test_a_hold_that_the_store_does_not_know_of(house: House) -> None:
    """Found for each file of the record, and put on."""
    row = part_of()
    hold = LegalHold.objects.create(
        id=new_id(NOW), reason="claim", reference="C-1", review_on=LATER.date(), set_by="a", set_at=NOW
    )
    HoldTarget.objects.create(hold=hold, kind="person", value=ANN)
    assert {k for k, _ in found(house)} == {Kind.HOLD_OFF}
    assert len(found(house)) == 3
    assert reconcile(plan(house, repair=True), LATER).repaired == 3
    assert house.store.stat(row.key, row.version).legal_hold


def test_tags_that_housekeeping_is_at_are_not_called_wrong(house: House) -> None:
    """It knows itself that they are behind."""
    record = part_of().record
    VaultRecord.objects.filter(pk=record.pk).update(retain_until=NOW + timedelta(days=9000))
    assert {k for k, _ in found(house)} == {Kind.TAGS}
    RetentionState.objects.create(record=record, record_class="medical", event="filed", reckoned_at=NOW)
    assert found(house) == []
    RetentionState.objects.update(tags_behind=False)
    assert {k for k, _ in found(house)} == {Kind.TAGS}
    assert reconcile(plan(house, repair=True), LATER).agrees
    assert house.store.tags(part_of().key)["retain-until"] == "open"


def test_records_without_files_and_files_without_records(house: House) -> None:
    """Rows that were lost, and a disposal that was not one."""
    row = part_of()
    VaultObject.objects.filter(record=row.record).delete()
    assert found(house)[0] == (Kind.NO_OBJECTS, row.record_id)
    assert sorted({k for k, _ in found(house)}) == sorted([Kind.NO_OBJECTS, Kind.UNLISTED])
    VaultRecord.objects.filter(pk=row.record_id).update(state=RecordState.DISPOSED, digest="", sender="", plan="")
    assert {k for k, _ in found(house)} == {Kind.DISPOSED}


def test_orphans_are_explained(house: House) -> None:
    """A filing that broke off, one that came to its bundle, and one of this hour."""
    leave_orphans(house, filing(raw=b"Subject: 1\r\n\r\nx"), NOW, files=1)
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW)
    leave_orphans(house, filing(raw=b"Subject: 3\r\n\r\nx"), LATER - timedelta(hours=1))
    report = reconcile(plan(house), LATER)
    assert report.counts[Kind.ORPHAN] == 1
    assert report.counts[Kind.WHOLE_ORPHAN] == 3
    assert report.counts[Kind.YOUNG] == 3
    assert not report.agrees
    assert list(report.of(Weight.GRAVE)) == [Kind.WHOLE_ORPHAN]


def test_keys_and_escrow_both_ways(house: House) -> None:
    """A key that is in the database alone dies with it; a destroyed one that is still in escrow was not destroyed."""
    one, two = SealingKey.objects.order_by("person")
    house.escrow_store.delete(one.escrow_key, one.escrow_version)
    two.destroyed_at, two.sealed_secret = NOW, b""
    two.save()
    house.escrow_store.put("keys/p-x/1-00.age", b"x", tags={}, metadata={}, locked_until=None)
    assert found(house) == [
        (Kind.KEY_MISSING, one.escrow_key),
        (Kind.KEY_LEFT, two.escrow_key),
        (Kind.KEY_ORPHAN, "keys/p-x/1-00.age"),
    ]


def test_records_that_no_search_finds(house: House) -> None:
    """Without an index row, or with one that was never made; disposed records need none."""
    first, second = VaultRecord.objects.order_by("id")
    SearchEntry.objects.filter(record=first).delete()
    SearchEntry.objects.filter(record=second).update(key="")
    assert found(house) == [(Kind.NOT_INDEXED, first.id), (Kind.NOT_INDEXED, second.id)]


class Failing(LocalStore):
    """Goes away after so many questions."""

    left = 3

    def stat(self, key: str, version: str = ""):  # type: ignore[no-untyped-def]
        self.left -= 1
        if self.left < 0:
            raise VaultUnavailable("away")
        return super().stat(key, version)


def test_broken_off_it_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page; what was found before stays found, and nothing is counted twice."""
    monkeypatch.setattr("vault.reconcile.rows.PAGE", 5)  # one record a page
    shorter(house, part_of())
    good, house.store = house.store, Failing(house.folder / "objects", house.clock)
    with pytest.raises(VaultUnavailable):
        reconcile(plan(house), LATER)
    begun = waiting(plan(house))
    assert begun
    house.store = good
    report = reconcile(plan(house), LATER)
    assert report.run == begun.pk
    assert (report.looked, len(report.findings)) == (14, 1)
    assert waiting(plan(house)) is None
    assert reconcile(plan(house), LATER).run != begun.pk


def test_a_fresh_one_lets_the_old_one_be(house: House) -> None:
    """And a repairing one does not take up one that only looked."""
    ReconcileRun.objects.create(id=new_id(NOW), actor="a", repair=False, whole_bytes=False, begun_at=NOW, phase="index")
    assert reconcile(plan(house, fresh=True), LATER).looked == 14
    assert reconcile(plan(house, repair=True), LATER).looked == 14
    assert reconcile(plan(house), LATER).looked == 2


def test_two_at_one_comparison_do_not_count_twice(house: House) -> None:
    """Who comes second is told so."""
    begun = False

    def barge_in(*_: object) -> None:
        nonlocal begun
        if not begun:
            begun = True
            reconcile(plan(house), LATER)

    with pytest.raises(SomebodyElse):
        reconcile(plan(house), LATER, barge_in)
    assert ReconcileRun.objects.get().counts == {"looked at": 14}


def test_a_report_says_what_it_is_about() -> None:
    """In ids, with what was done."""
    finding = Finding(Kind.TAGS, "R", "v1/x", "subject")
    assert str(finding) == "other tags: v1/x (subject)"
    assert str(replace(finding, repaired=True)).endswith("; repaired")
    assert finding.open
    assert not replace(finding, repaired=True).open
    assert not Finding(Kind.YOUNG, "R", "v1/x").open
    assert all(kind.means and kind.weight for kind in Kind)
    assert Report("r", {}, ()).agrees
