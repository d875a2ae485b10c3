"""Every kind of tampering with the audit trail is found, by raw SQL around the triggers. On SQLite and PostgreSQL."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes import NOW
from tests.support import emptying
from tests.support.log import ORIGIN, Log
from vault import audit
from vault.merkle import tiles, tree
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.findings import Finding, Report, Tampering
from vault.merkle.heads import Trust
from vault.merkle.note import Kind, Note, Signer
from vault.merkle.publishing import PREFIX, LogBroken, keep, put
from vault.merkle.sequencing import integrate
from vault.merkle.verifying import Verification
from vault.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditTile, AuditTree
from vault.triggers import unsafe_remove

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(scope="module")
def kept(tables: None, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Six hundred events under six checkpoints, over three tiles; written once, and copied for each test."""
    log = Log(tmp_path_factory.mktemp("log"))
    for count in (1, 99, 100, 100, 200, 100):
        log.round(count)
    log.keep()
    emptying.empty()
    return log


@pytest.fixture
def log(kept: Log, database: None, tmp_path: Path) -> Log:
    return kept.copy(tmp_path)


def verify(log: Log, *, witnesses: Sequence[Signer] = (), grace: timedelta = timedelta(), **more: Any) -> Report:
    trust = Trust(ORIGIN, [log.signer.verifier], [w.verifier for w in witnesses], grace)
    store = more.pop("store", log.store)
    verification = Verification(trust, store, log.now + timedelta(hours=1), timedelta(minutes=10), **more)
    return verification.run(lambda _done, _total: None, lambda _done, _total: None)


def first(log: Log) -> Finding:
    found = verify(log).first()
    assert found is not None
    return found


def sql(*statements: str) -> None:
    """As somebody with the database in hand."""
    unsafe_remove(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def number(index: int) -> int:
    """The number of the event at a place."""
    return AuditLeaf.objects.get(index=index).sequence


def test_a_log_that_nobody_touched_is_good(log: Log) -> None:
    """All of it, a part of it, by the table, and while a worker goes on."""
    report = verify(log)
    assert (report.findings, report.events, report.checkpoints) == ([], 600, 6)
    assert verify(log, store=None).good
    log.now += timedelta(days=2)
    log.round(300)
    part = verify(log, after=log.now - timedelta(days=1))
    assert (part.findings, part.checkpoints) == ([], 1)
    assert part.events == 900 - 512  # from the last whole tile on
    log.write(3)
    integrate(log.now)
    assert verify(log).good


def test_an_empty_log_is_good_and_proves_nothing(tmp_path: Path) -> None:
    """No event, no checkpoint."""
    report = verify(Log(tmp_path))
    assert (report.findings, report.events, report.checkpoints) == ([], 0, 0)


_OTHERS = {
    "at": "'2026-11-23 09:00:01.5+00'" if connection.vendor == "postgresql" else "'2026-11-23 09:00:01.500000'",
    "actor": "'cli:nobody'",
    "action": "'outcome held'",
    "record": "'01M83000000000000000000000'",
    "why": "'because'",
    "details": """'{"recipient": "other@carers.example"}'""",
    "leaf": "'" + "0" * 64 + "'",
    "sequence": "999999",
}


def test_the_edits_are_of_every_column() -> None:
    """None was forgotten."""
    assert set(_OTHERS) == {f.column for f in AuditEvent._meta.concrete_fields}


@pytest.mark.parametrize("column", _OTHERS)
@pytest.mark.parametrize("index", [0, 137, 599])
def test_an_edit_of_any_column_is_found(log: Log, column: str, index: int) -> None:
    """Anywhere; the event is named."""
    target = number(index)
    sql(f"UPDATE vault_auditevent SET {column} = {_OTHERS[column]} WHERE sequence = {target}")
    found = first(log)
    assert (found.kind, found.index, found.sequence) == (Tampering.EDITED, index, target)
    assert str(target) in found.says


def test_an_edit_with_its_leaf_is_found(log: Log) -> None:
    """Whoever edits may know how leaves are made."""
    row = AuditEvent.objects.get(sequence=number(200))
    leaf = audit.leaf_hash(replace(audit.of_row(row), why="nothing"))
    sql(f"UPDATE vault_auditevent SET why = 'nothing', leaf = '{leaf}' WHERE sequence = {row.sequence}")
    assert (first(log).kind, first(log).sequence) == (Tampering.EDITED, row.sequence)


@pytest.mark.parametrize("index", [0, 5, 255, 256, 411])
def test_a_deletion_is_found(log: Log, index: int) -> None:
    """Of the event; of the event and its place; with all places after it moved down."""
    target = number(index)
    sql(f"DELETE FROM vault_auditevent WHERE sequence = {target}")
    found = first(log)
    assert (found.kind, found.index, found.sequence) == (Tampering.DELETED, index, target)
    sql(f'DELETE FROM vault_auditleaf WHERE "index" = {index}')
    assert (first(log).kind, first(log).index) == (Tampering.DELETED, index)
    _move(index, -1)
    assert (first(log).kind, first(log).index) == (Tampering.DELETED, index)


@pytest.mark.parametrize("index", [0, 5, 255, 256, 411])
def test_an_insertion_in_the_middle_is_found(log: Log, index: int) -> None:
    """With all places after it moved up, so that the order looks right."""
    _move(index, 1)
    fake = audit.Event(log.now, "relay-1", "outcome delivered", "", "it was told", {})
    AuditEvent(sequence=700_000, leaf=audit.leaf_hash(fake), **{n: getattr(fake, n) for n in _FIELDS}).save()
    AuditLeaf.objects.bulk_create([AuditLeaf(index=index, sequence=700_000)])
    AuditTree.objects.update(size=601)
    found = first(log)
    assert (found.kind, found.index, found.sequence) == (Tampering.INSERTED, index, 700_000)


_FIELDS = ("at", "actor", "action", "record", "why", "details")


def _move(index: int, by: int) -> None:
    """All places from that one on."""
    sql(
        f'UPDATE vault_auditleaf SET "index" = -1 - "index" WHERE "index" >= {index}',
        f'UPDATE vault_auditleaf SET "index" = -1 - "index" + {by} WHERE "index" < 0',
    )


def test_an_event_that_was_put_in_among_the_numbers_is_found(log: Log) -> None:
    """In a gap of the numbers, past the worker: the next round would log it as late, behind younger checkpoints."""
    log.now += timedelta(days=1)
    log.round(1)
    gap = number(600) - 1
    sql(f"UPDATE vault_auditevent SET sequence = {gap + 500} WHERE sequence = {gap + 1}")
    sql(f"UPDATE vault_auditleaf SET sequence = {gap + 500} WHERE sequence = {gap + 1}")
    old = audit.Event(log.now - timedelta(hours=20), "cli:me", "opened", "", "with her consent", {})
    AuditEvent(sequence=gap + 400, leaf=audit.leaf_hash(old), **{n: getattr(old, n) for n in _FIELDS}).save()
    assert (first(log).kind, first(log).sequence) == (Tampering.INSERTED, gap + 400)
    log.round(1)
    assert (first(log).kind, first(log).sequence) == (Tampering.INSERTED, gap + 400)


def test_an_event_that_is_backdated_is_found(log: Log) -> None:
    """It is logged as any other, behind a checkpoint that is younger than it says it is."""
    log.now += timedelta(days=1)
    log.round(1)
    old = audit.Event(log.now - timedelta(hours=3), "cli:me", "opened", "", "with her consent", {})
    audit.append([old])
    waiting = first(log)
    assert (waiting.kind, waiting.sequence) == (
        Tampering.INSERTED,
        AuditEvent.objects.order_by("-sequence")[0].sequence,
    )
    log.round(1)
    found = first(log)
    assert (found.kind, found.index) == (Tampering.INSERTED, 601)


def test_an_event_that_nobody_logs_is_found(log: Log) -> None:
    """No worker runs."""
    log.write(1)
    log.now += timedelta(minutes=11)
    assert first(log).kind is Tampering.NOT_LOGGED


@pytest.mark.parametrize(("one", "other"), [(0, 1), (10, 200), (256, 511)])
def test_a_reordering_is_found(log: Log, one: int, other: int) -> None:
    """Numbers exchanged between events, or places between numbers."""
    a, b = number(one), number(other)
    exchange = [
        f"UPDATE vault_auditevent SET sequence = -1 WHERE sequence = {a}",
        f"UPDATE vault_auditevent SET sequence = {a} WHERE sequence = {b}",
        f"UPDATE vault_auditevent SET sequence = {b} WHERE sequence = -1",
    ]
    sql(*exchange)
    assert (first(log).kind, first(log).index) == (Tampering.REORDERED, one)
    sql(*exchange)
    assert verify(log).good
    sql(
        f"UPDATE vault_auditleaf SET sequence = -1 WHERE sequence = {a}",
        f"UPDATE vault_auditleaf SET sequence = {a} WHERE sequence = {b}",
        f"UPDATE vault_auditleaf SET sequence = {b} WHERE sequence = -1",
    )
    assert (first(log).kind, first(log).index) == (Tampering.REORDERED, one)


@pytest.mark.parametrize("keep", [0, 50, 256, 599])
def test_a_truncation_of_the_tail_is_found(log: Log, keep: int) -> None:
    """Of the events; of events and places; of all of it, with the tree made to fit."""
    last = number(keep)
    sql(f"DELETE FROM vault_auditevent WHERE sequence >= {last}")
    found = first(log)
    assert (found.kind, found.index) == (Tampering.TRUNCATED, keep)
    sql(f'DELETE FROM vault_auditleaf WHERE "index" >= {keep}')
    assert (first(log).kind, first(log).index) == (Tampering.TRUNCATED, keep)
    rebuild()
    assert (first(log).kind, first(log).index) == (Tampering.TRUNCATED, keep)


def rebuild() -> None:
    """The tree made anew over whatever the rows hold now, as somebody who knows this program would."""
    order = list(AuditLeaf.objects.order_by("index").values_list("sequence", flat=True))
    rows = AuditEvent.objects.in_bulk(order)
    AuditTile.objects.all().delete()
    tiles.write(tiles.extended(0, [bytes.fromhex(audit.leaf_hash(audit.of_row(rows[s]))) for s in order]))
    AuditTree.objects.update(size=len(order))


@pytest.mark.parametrize("index", [0, 150, 420, 599])
def test_a_log_that_was_rewritten_with_its_hashes_is_found(log: Log, index: int) -> None:
    """Event, leaf, tiles: all fit each other, and the signed root says otherwise. The range is named."""
    row = AuditEvent.objects.get(sequence=number(index))
    leaf = audit.leaf_hash(replace(audit.of_row(row), actor="cli:nobody"))
    sql(f"UPDATE vault_auditevent SET actor = 'cli:nobody', leaf = '{leaf}' WHERE sequence = {row.sequence}")
    rebuild()
    found = first(log)
    before = max(size for size in (0, 1, 100, 200, 300, 500) if size <= index)
    assert (found.kind, found.index) == (Tampering.REWRITTEN, before)


def test_a_database_that_was_rolled_back_is_found(log: Log) -> None:
    """Everything in it is in order; it is only not the newest."""
    _roll_back(300)
    report = verify(log)
    assert [f.kind for f in report.findings] == [Tampering.ROLLED_BACK]
    assert report.findings[0].index == 300
    assert "600 events" in report.findings[0].says


def _roll_back(size: int) -> None:
    last = number(size - 1)
    sql(
        f"DELETE FROM vault_auditevent WHERE sequence > {last}",
        f'DELETE FROM vault_auditleaf WHERE "index" >= {size}',
        f"DELETE FROM vault_auditcheckpoint WHERE size > {size}",
    )
    rebuild()


def test_a_rolled_back_database_that_grew_again_is_found(log: Log) -> None:
    """Another history of the same length and more."""
    _roll_back(300)
    log.write(400)
    integrate(log.now)
    found = first(log)
    assert (found.kind, found.index) == (Tampering.REWRITTEN, 300)


@pytest.mark.parametrize("more", [0, 400])
def test_a_backup_that_was_put_back_is_verified_under_another_name(log: Log, more: int) -> None:
    """As docs/audit.md says: the sentence leads there, and then the worker signs and everything is proven again."""
    _roll_back(300)
    log.write(more)
    integrate(log.now)
    assert "'Putting back a backup'" in first(log).says
    with pytest.raises(LogBroken):
        log.round(1)
    anew = Log(log.folder, log.now, Signer.new(f"{ORIGIN}-2", Kind.LOG))
    publisher = replace(anew.publisher(), origin=f"{ORIGIN}-2")
    head = publisher.publish(log.now + timedelta(minutes=10))
    assert head is not None
    trust = Trust(f"{ORIGIN}-2", [anew.signer.verifier])
    verification = Verification(trust, log.store, log.now + timedelta(hours=1), timedelta(minutes=10))
    report = verification.run(lambda _done, _total: None, lambda _done, _total: None)
    assert (report.findings, report.checkpoints, report.others) == ([], 1, 6)
    assert report.events == head.size == AuditLeaf.objects.count()


def test_a_tree_whose_hashes_were_changed_is_found(log: Log) -> None:
    """Tiles of leaves, tiles above, tiles that are gone; also the tree's own row."""
    for level, index in ((0, 1), (0, 2), (1, 0)):
        tile = AuditTile.objects.get(level=level, index=index)
        good = bytes(tile.hashes)
        for bad in (good[:-1] + bytes([good[-1] ^ 1]), good[:-32]):
            AuditTile.objects.filter(id=tile.id).update(hashes=bad)
            assert not verify(log).good
        AuditTile.objects.filter(id=tile.id).update(hashes=good)
    assert verify(log).good
    AuditTree.objects.update(size=599)
    assert first(log).kind is Tampering.TRUNCATED


def _files(log: Log) -> list[Path]:
    return sorted(p for p in (log.folder / "objects" / PREFIX).rglob("*@*") if p.suffix != ".json")


@pytest.mark.parametrize("which", range(6))
def test_a_checkpoint_that_is_gone_from_the_store_is_found(log: Log, which: int) -> None:
    """The table knows of it; and where its row is gone too, the next one does."""
    path = _files(log)[which]
    path.unlink()
    report = verify(log)
    assert {f.kind for f in report.findings} == {Tampering.CHECKPOINT_GONE}
    assert report.findings[0].index == (1, 100, 200, 300, 500, 600)[which]
    AuditCheckpoint.objects.filter(size=report.findings[0].index).delete()
    assert verify(log).good is (which == 5)  # after the last comes none that could miss it


def test_a_store_that_lost_all_checkpoints_is_found(log: Log) -> None:
    """Every one that the table has is named."""
    for path in _files(log):
        path.unlink()
    assert [f.kind for f in verify(log).findings] == [Tampering.CHECKPOINT_GONE] * 6


def forge(log: Log, size: int, signer: Signer, root: bytes = b"\x07" * 32, origin: str = ORIGIN) -> None:
    head = Checkpoint(origin, size, root, log.now, None)
    put(log.store, head, Note(head.text, (signer.sign(head.text, log.now),)), log.now, timedelta(days=1))


def test_a_forged_checkpoint_is_found(log: Log) -> None:
    """Signed by another key, by another key of that name, with a false signature, or not at all."""
    for signer in (Signer.new("other.example", Kind.LOG), Signer.new(ORIGIN, Kind.LOG)):
        forge(log, 600, signer)
    text = _files(log)[0].read_text()
    for data in (text.replace("\n1\n", "\n2\n"), "rubbish", text.replace("council", "town")):
        log.store.put(f"{PREFIX}2026/11/23/x", data.encode(), tags={}, metadata={}, locked_until=None)
    report = verify(log)
    assert [f.kind for f in report.findings] == [Tampering.FORGED] * 4
    assert report.others == 1  # another log's name: not ours to judge


def test_a_split_view_is_found(log: Log) -> None:
    """Two checkpoints of one size with different roots, both signed by the log's own key."""
    forge(log, 300, log.signer)
    report = verify(log)
    assert [f.kind for f in report.findings] == [Tampering.SPLIT]
    assert report.findings[0].index == 300


def test_a_split_view_on_top_is_found(log: Log) -> None:
    """Also where it is the newest one, and where it is of a size that no other checkpoint has."""
    forge(log, 600, log.signer)
    assert first(log).kind is Tampering.SPLIT
    forge(log, 450, log.signer)
    assert [f.index for f in verify(log).findings] == [450, 600]


def test_a_changed_row_of_a_checkpoint_is_found(log: Log) -> None:
    """The table is not what is believed, but it is looked at."""
    for change in ({"root": "0" * 64}, {"note": "rubbish"}):
        row = AuditCheckpoint.objects.get(size=300)
        AuditCheckpoint.objects.filter(size=300).update(**change)
        assert [f.kind for f in verify(log).findings] == [Tampering.FORGED]
        row.save()
    AuditCheckpoint.objects.filter(size=300).update(version="0" * 26)
    assert [f.kind for f in verify(log).findings] == [Tampering.CHECKPOINT_GONE]


def test_witnesses_must_have_signed_in_time(log: Log) -> None:
    """What is older than the grace, or something later; a false signature of theirs is a forgery."""
    witness = Signer.new("inspector.example/w", Kind.WITNESS)
    report = verify(log, witnesses=[witness])
    assert [f.kind for f in report.findings] == [Tampering.NOT_WITNESSED]
    assert verify(log, witnesses=[witness], grace=timedelta(days=1)).good
    row = AuditCheckpoint.objects.get(size=600)
    note = Note.of(row.note)
    signed = note.with_signatures((witness.sign(note.text, log.now),))
    head = Checkpoint.of(note.text)
    keep(put(log.store, head, signed, log.now, timedelta(days=1)), head, log.now)
    report = verify(log, witnesses=[witness])
    assert (report.findings, report.witnessed) == ([], {"inspector.example/w": 600})
    false = note.with_signatures((replace(witness.sign(note.text, log.now), value=b"\0" * 72),))
    put(log.store, head, false, log.now, timedelta(days=1))
    assert [f.kind for f in verify(log, witnesses=[witness]).findings] == [Tampering.FORGED]


def test_a_key_that_was_changed_leaves_old_checkpoints_good(log: Log) -> None:
    """Both public keys are in the settings."""
    old = log.signer
    log.signer = Signer.new(ORIGIN, Kind.LOG)
    log.round(10)
    trust = Trust(ORIGIN, [old.verifier, log.signer.verifier])
    report = Verification(trust, log.store, log.now, timedelta(minutes=10)).run(
        lambda _d, _t: None, lambda _d, _t: None
    )
    assert (report.findings, report.checkpoints) == ([], 7)


@pytest.mark.parametrize("tampering", [lambda s: s - 1, lambda s: s + 1])
def test_only_what_is_after_the_day_is_looked_at(log: Log, tampering: Callable[[int], int]) -> None:
    """An edit before it is for a whole verification; one after it is found."""
    log.now += timedelta(days=2)
    log.round(300)
    index = 511 + (1 if tampering(0) > 0 else -1)
    sql(f"UPDATE vault_auditevent SET why = 'x' WHERE sequence = {number(index)}")
    part = verify(log, after=log.now - timedelta(days=1))
    assert part.good is (index < 512)
    assert not verify(log).good


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_single_change_of_a_root_goes_unseen(data: st.DataObject) -> None:
    """Any checkpoint text with one bit of its root flipped is another checkpoint, and no signature fits it."""
    signer = Signer.new(ORIGIN, Kind.LOG)
    size = data.draw(st.integers(1, 2**40))
    root = data.draw(st.binary(min_size=32, max_size=32))
    head = Checkpoint(ORIGIN, size, root)
    note = Note(head.text, (signer.sign(head.text, NOW),))
    bit = data.draw(st.integers(0, 255))
    flipped = bytes(b ^ (1 << bit % 8 if n == bit // 8 else 0) for n, b in enumerate(root))
    text = head.text.replace(base64.b64encode(root).decode(), base64.b64encode(flipped).decode())
    assert len(flipped) == tree.HASH_LENGTH
    with pytest.raises(Exception, match="signature"):
        Note(text, note.signatures).signed_by(signer.verifier)
