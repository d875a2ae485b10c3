"""What a crash left is removed once that is safe, and nothing that could be the only copy of a record."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from domain.errors import VaultUnavailable
from domain.ports import FiledPart
from tests.build import ANN, BEN
from tests.fakes import NOW
from tests.support.log import ORIGIN, Log
from tests.support.orphans import leave_orphans
from tests.support.vaults import LOCK, House, filing, part, plain
from vault.ids import new_id
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.heads import Trust
from vault.merkle.note import Note
from vault.merkle.publishing import put
from vault.models import AuditCheckpoint, AuditEvent, SearchEntry, VaultObject
from vault.objects.port import Version
from vault.reconcile.filed_log import FiledLog
from vault.reconcile.findings import Kind, Weight
from vault.reconcile.run import Plan, reconcile
from vault.reconcile.sweep import AnotherVault, Broom, Fate
from vault.triggers import unsafe_remove

pytestmark = pytest.mark.usefixtures("database")
AFTER = LOCK + timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """One mail is filed; its files are nobody's to sweep."""
    house = House(tmp_path)
    house.filer().file(filing(), NOW)
    return house


def names(house: House) -> set[str]:
    return {v.key for v in house.store.versions("")}


def swept(house: House, **options: object) -> Counter[Fate]:
    broom = Broom(house.store, "cli:tester", **options)  # type: ignore[arg-type]
    return Counter(s.fate for s in broom.sweep(house.clock.now()))


def test_nothing_of_a_record_is_ever_swept(house: House) -> None:
    """Lock run out or not, with every option."""
    house.clock.move(timedelta(days=4000))
    before = names(house)
    house.store.put("keys/p-1/1-00.age", b"x", tags={}, metadata={}, locked_until=None)
    house.store.put("audit/checkpoints/1", b"x", tags={}, metadata={}, locked_until=None)
    house.store.put("v1/p-ann/note.txt", b"x", tags={}, metadata={}, locked_until=None)
    assert swept(house, delete=True, whole=True) == {}
    assert names(house) == {*before, "keys/p-1/1-00.age", "audit/checkpoints/1", "v1/p-ann/note.txt"}


def test_a_broken_filing_goes_when_its_lock_has_run_out(house: House) -> None:
    """Young, then locked, then looked at, then removed, with an audit event that was there before."""
    before = names(house)
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW, files=2)
    assert swept(house, delete=True) == {Fate.YOUNG: 2}
    house.clock.move(timedelta(days=8))
    assert swept(house, delete=True) == {Fate.LOCKED: 2}
    house.clock.move(LOCK)
    assert swept(house) == {Fate.WOULD: 2}
    assert not AuditEvent.objects.filter(action="sweeping orphan").exists()
    assert swept(house, delete=True) == {Fate.SWEPT: 2}
    assert names(house) == before
    assert swept(house, delete=True) == {}
    events = AuditEvent.objects.filter(action="sweeping orphan")
    assert [(e.actor, e.details["whole"]) for e in events] == [("cli:tester", False)] * 2
    assert {e.details["key"] for e in events} & before == set()


@pytest.mark.parametrize("mail", [filing(raw=b"Subject: 2\r\n\r\nx"), plain()], ids=["confidential", "plain"])
def test_a_whole_mail_is_left_to_a_person(house: House, mail) -> None:  # type: ignore[no-untyped-def]
    """The database may have been set back, and this be the only copy: a person says so, with a reason."""
    leave_orphans(house, mail, NOW)
    house.clock.move(AFTER)
    files = len(names(house)) - VaultObject.objects.count()
    assert swept(house, delete=True) == {Fate.WHOLE: files}
    assert swept(house, delete=True, whole=True, why="relay killed on Monday; seen in its log") == {Fate.SWEPT: files}
    assert {e.why for e in AuditEvent.objects.filter(action="sweeping orphan")} == {
        "relay killed on Monday; seen in its log"
    }


def test_rows_that_were_lost_lose_no_file(house: House) -> None:
    """The database was restored from before: all of the record's files stay, whoever their people are."""
    parts = [
        FiledPart(part(b"a", "2"), frozenset({ANN}), frozenset()),
        FiledPart(part(b"b", "3"), frozenset({BEN}), frozenset()),
    ]
    leave_orphans(house, filing(*parts, people=(ANN, BEN), raw=b"Subject: 2\r\n\r\nx"), NOW)
    before = names(house)
    house.clock.move(AFTER)
    assert swept(house, delete=True) == {Fate.WHOLE: 5}
    assert names(house) == before


def test_a_legal_hold_keeps_an_orphan(house: House) -> None:
    """Whoever put it on had a reason."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW, files=1)
    (orphan,) = names(house) - set(VaultObject.objects.values_list("key", flat=True))
    (version,) = house.store.versions(orphan)
    house.store.set_legal_hold(orphan, version.version, on=True)
    house.clock.move(AFTER)
    assert swept(house, delete=True) == {Fate.HELD: 1}
    assert orphan in names(house)


def test_half_a_file_goes_too(house: House) -> None:
    """What a killed process was writing: bytes that no listing of files shows."""
    ident = new_id(NOW)
    base = house.folder / "objects" / "v1" / ANN / "2026" / "11" / ident
    base.mkdir(parents=True)
    (base / f"1.age@{new_id(NOW)}.0123456789abcdef.part").write_bytes(b"half")
    house.clock.move(timedelta(days=8))
    assert swept(house, delete=True) == {Fate.SWEPT: 1}
    assert list(base.iterdir()) == []


def test_a_store_that_lets_nothing_go_is_said(house: House) -> None:
    """Its clock is behind, say: the file stays, and the next sweep tries again."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW, files=1)
    now = NOW + AFTER
    assert [s.fate for s in Broom(house.store, "a", delete=True).sweep(now)] == [Fate.REFUSED]
    house.clock.move(AFTER)
    assert swept(house, delete=True) == {Fate.SWEPT: 1}


def test_a_record_that_came_to_be_meanwhile_is_spared(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked once more in the transaction that writes the audit event."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW, files=2)
    house.clock.move(AFTER)
    before = names(house)
    broom = Broom(house.store, "a", delete=True)
    orphans = [s.orphan for s in Broom(house.store, "a").sweep(house.clock.now())]
    row = VaultObject.objects.first()
    assert row
    record = row.record
    record.pk, record.digest = orphans[0].record, "0" * 64
    record.save(force_insert=True)
    assert list(broom._remove(orphans, house.clock.now())) == []
    assert names(house) == before


def test_a_store_that_is_away_ends_the_sweep(house: House) -> None:
    """Nothing is taken for absent that could not be asked for."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW, files=2)
    house.clock.move(AFTER)
    before = names(house)

    class Away(type(house.store)):  # type: ignore[misc]
        def tags(self, key: str, version: str = "") -> object:
            raise VaultUnavailable("away")

    with pytest.raises(VaultUnavailable):
        list(Broom(Away(house.folder / "objects", house.clock), "a", delete=True).sweep(house.clock.now()))
    assert names(house) == before
    assert all(isinstance(v, Version) for v in house.store.versions(""))


def proven(house: House, log: Log) -> FiledLog:
    trust = Trust(ORIGIN, [log.signer.verifier])
    return FiledLog(log.store, trust, timedelta(minutes=10), house.clock.now())


@pytest.fixture
def log(house: House) -> Log:
    """The same store and database as the house's; a checkpoint when the mail was filed."""
    log = Log(house.folder)
    log.store = house.store
    log.round()
    return log


def test_a_whole_mail_that_the_log_does_not_know_goes(house: House, log: Log) -> None:
    """The log holds, goes on for a day after, and no event says that it was filed: so nobody was ever told so."""
    before = names(house)
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW + timedelta(hours=1))
    house.clock.move(AFTER)
    assert swept(house, delete=True, log=proven(house, log)) == {Fate.WHOLE: 3}
    log.now = NOW + timedelta(hours=23)
    log.round(1)
    assert swept(house, delete=True, log=proven(house, log)) == {Fate.WHOLE: 3}
    log.now = NOW + timedelta(days=2)
    log.round(1)
    assert swept(house, delete=True, log=proven(house, log)) == {Fate.SWEPT: 3}
    assert {name for name in names(house) if name.startswith("v1/")} == {n for n in before if n.startswith("v1/")}


def test_a_log_that_does_not_hold_proves_nothing(house: House, log: Log) -> None:
    """The database was set back: the store has a checkpoint of more events than there are."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW)
    for days in (2, 3):
        log.now = NOW + timedelta(days=days)
        log.round(3)
    unsafe_remove(connection)
    with connection.cursor() as cursor:
        for table, column in (("auditevent", "sequence"), ("auditleaf", "sequence")):
            cursor.execute(f"DELETE FROM vault_{table} WHERE {column} IN (SELECT MAX({column}) FROM vault_{table})")
    house.clock.move(AFTER)
    before = names(house)
    assert swept(house, delete=True, log=proven(house, log)) == {Fate.WHOLE: 3}
    assert names(house) == before


def test_a_log_that_began_later_proves_nothing(house: House) -> None:
    """A new database, or an old backup under a new name, over the bucket of before: what it does not know was filed."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW)
    log = Log(house.folder, now=NOW + timedelta(hours=1))
    log.store = house.store
    for days in (0, 2, 3):
        log.now += timedelta(days=days)
        log.round(1)
    house.clock.move(AFTER)
    assert swept(house, delete=True, log=proven(house, log)) == {Fate.WHOLE: 3}


def test_where_another_log_lies_in_the_bucket_nothing_is_proven(house: House, log: Log) -> None:
    """Two databases over one bucket: what this one never filed, the other one may have."""
    leave_orphans(house, filing(raw=b"Subject: 2\r\n\r\nx"), NOW + timedelta(hours=1))
    log.now = NOW + timedelta(days=2)
    log.round(1)
    mine = AuditCheckpoint.objects.order_by("-size").first()
    assert mine
    other = Checkpoint("relay.other.example/audit", mine.size, bytes.fromhex(mine.root), log.now)
    put(house.store, other, Note(other.text, (log.signer.sign(other.text, log.now),)), log.now, LOCK)
    house.clock.move(AFTER)
    assert swept(house, delete=True, log=proven(house, log)) == {Fate.WHOLE: 3}


@pytest.mark.parametrize("filled", [False, True], ids=["empty", "another vault's"])
def test_a_bucket_that_is_not_the_databases_loses_nothing(tmp_path: Path, *, filled: bool) -> None:
    """A new database, or another vault's, over this bucket: not even a person's word takes the files."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "other").mkdir()
    mine = House(tmp_path / "mine")
    leave_orphans(mine, filing(), NOW)
    if filled:
        House(tmp_path / "other").filer().file(filing(), NOW)
    mine.clock.move(AFTER)
    before = names(mine)
    assert swept(mine, whole=True) == {Fate.WOULD: 3}
    with pytest.raises(AnotherVault):
        swept(mine, delete=True, whole=True, why="tidy")
    assert names(mine) == before


def test_a_record_that_lost_its_rows_is_never_swept(house: House, log: Log) -> None:
    """The audit trail says that it was filed: whatever is asked for, its files stay, and the comparison is grave."""
    row = VaultObject.objects.first()
    assert row
    record = row.record
    VaultObject.objects.filter(record=record).delete()
    record.subjects.all().delete()
    SearchEntry.objects.filter(record=record).delete()
    record.delete()
    log.now = NOW + timedelta(days=2)
    log.round(1)
    house.clock.move(AFTER)
    before = names(house)
    assert swept(house, delete=True, whole=True, why="tidy", log=proven(house, log)) == {Fate.LOST: 3}
    assert names(house) == before
    report = reconcile(Plan(house.store, house.escrow_store, "a"), house.clock.now())
    assert report.of(Weight.GRAVE) == {Kind.LOST: 3}
