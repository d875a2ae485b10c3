"""The audit log in the database: places, tiles, checkpoints, proofs. Runs on SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from domain.errors import SealBroken
from tests.fakes import NOW
from tests.support.log import LOCK, ORIGIN, Log
from tests.unit.test_merkle_tree import mth
from vault import audit
from vault.merkle import sequencing, tree
from vault.merkle.checks import check_consistency
from vault.merkle.note import BadNote, Kind, Note, Signer
from vault.merkle.proof import Proof
from vault.merkle.proofs import NoCheckpointYet, NoSuchCheckpoint, NoSuchEvent, consistency, inclusion
from vault.merkle.publishing import PREFIX, LogBroken, since
from vault.merkle.sequencing import integrate, the_tree, waiting_since
from vault.merkle.tiles import Tiles
from vault.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditTile, AuditTree
from vault.triggers import unsafe_remove

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def leaves() -> list[bytes]:
    """Leaf hashes in the tree's order, computed from what the rows hold."""
    order = AuditLeaf.objects.order_by("index").values_list("sequence", flat=True)
    rows = AuditEvent.objects.in_bulk(list(order))
    return [bytes.fromhex(audit.leaf_hash(audit.of_row(rows[s]))) for s in order]


@pytest.mark.parametrize("batch", [1, 7, 256, 500])
def test_the_tiles_root_is_the_rfcs_at_every_size(log: Log, batch: int) -> None:
    """However events come: one by one, or hundreds at once; the tree over them is the same."""
    audit.append([audit.Event(NOW, "relay", "filed", why=str(n)) for n in range(600)])
    assert integrate(NOW, batch) == (600, True)
    found, tiles = leaves(), Tiles()
    assert [AuditLeaf.objects.count(), the_tree().size] == [600, 600]
    for size in (*range(20), 255, 256, 257, 511, 512, 513, 600):
        assert tiles.root(size) == mth(found[:size])
    assert AuditTile.objects.count() == 4  # three of leaves, one above
    assert integrate(NOW, batch) == (0, True)


def test_the_tree_grows_as_events_come(log: Log) -> None:
    """Round after round, each root is that of all leaves so far."""
    for count in (1, 2, 250, 3, 300):
        head = log.round(count)
        assert head is not None
        assert head.root == mth(leaves())
        assert head.size == AuditEvent.objects.count()


def test_a_number_that_commits_late_gets_a_place_later(log: Log) -> None:
    """Numbers are drawn before transactions commit: 2 may come after 3, also after the floor has moved twice."""
    log.round(3)
    unsafe_remove(connection)
    row = AuditEvent.objects.get(sequence=AuditEvent.objects.order_by("sequence")[1].sequence)
    event = audit.of_row(row)
    with connection.cursor() as cursor:  # as if it had not committed yet
        cursor.execute("DELETE FROM vault_auditleaf")
        cursor.execute("DELETE FROM vault_audittile")
        cursor.execute("DELETE FROM vault_auditevent WHERE sequence = %s", [row.sequence])
        cursor.execute("DELETE FROM vault_audittree")
    integrate(log.now)
    AuditEvent(sequence=row.sequence, leaf=audit.leaf_hash(event), **vars_of(event)).save(force_insert=True)
    integrate(log.now)
    last = AuditLeaf.objects.get(index=2)
    assert last.sequence == row.sequence
    assert AuditLeaf.objects.get(index=1).sequence > row.sequence


def vars_of(event: audit.Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in ("at", "actor", "action", "record", "why", "details")}


def test_once_a_day_every_number_is_looked_at(log: Log) -> None:
    """Below the floor, too: nothing that was ever written stays out of the log."""
    log.round(1)
    AuditTree.objects.update(floor=10**9, floor_at=log.now, swept_at=log.now)
    log.write(1)
    assert integrate(log.now + timedelta(hours=23)).taken == 0
    assert integrate(log.now + timedelta(hours=24)).taken == 1


def test_the_floor_stays_an_hour_behind(log: Log) -> None:
    """What is the highest number now becomes the floor after one hour, and not before."""
    log.round(5)
    highest = AuditEvent.objects.order_by("-sequence")[0].sequence
    assert the_tree().floor == 0
    assert the_tree().floor_next == highest
    integrate(log.now + timedelta(minutes=59))
    assert the_tree().floor == 0
    integrate(log.now + timedelta(minutes=61))
    assert the_tree().floor == highest


def test_several_workers_at_once_lose_and_double_nothing(log: Log) -> None:
    """Four workers, while relays write: each event has one place, places are dense, the root is theirs."""
    stop = threading.Event()
    errors: list[Exception] = []

    def writer() -> None:
        for n in range(60):
            audit.append([audit.Event(NOW, threading.current_thread().name, "filed", why=str(n))] * 3)
        connection.close()

    def worker() -> None:
        try:
            while not stop.is_set():
                integrate(NOW, 20)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not happen
            errors.append(error)
        connection.close()

    the_tree()
    writers = [threading.Thread(target=writer) for _ in range(3)]
    workers = [threading.Thread(target=worker) for _ in range(4)]
    for thread in (*writers, *workers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in workers:
        thread.join()
    integrate(NOW)
    assert errors == []
    assert list(AuditLeaf.objects.order_by("index").values_list("index", flat=True)) == list(range(540))
    assert AuditLeaf.objects.values("sequence").distinct().count() == AuditEvent.objects.count() == 540
    assert Tiles().root(540) == mth(leaves())


def test_a_worker_that_lost_signs_nothing(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """What still waits behind its checkpoint would look as if it had been put in later."""
    log.write(30)
    ours = sequencing._append

    def overtaken(size: int, found: Sequence[tuple[int, str]]) -> bool:
        if size == 10:
            monkeypatch.setattr(sequencing, "_append", ours)
            assert ours(size, found)  # the other worker's
        return ours(size, found)

    monkeypatch.setattr(sequencing, "_append", overtaken)
    assert integrate(log.now, 10) == (10, False)
    assert integrate(log.now, 10) == (10, True)
    assert Tiles().root(30) == mth(leaves())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vault_auditleaf SET sequence = 9",
        "DELETE FROM vault_auditleaf",
        'INSERT INTO vault_auditleaf ("index", sequence) VALUES (0, 99)',
    ],
)
def test_places_are_append_only(log: Log, statement: str) -> None:
    """As the events themselves."""
    log.round(2)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditLeaf.objects.count() == 2


def test_a_leaf_that_is_no_hash_stops_nothing(log: Log) -> None:
    """Somebody with the database put rubbish there: what the row holds is logged."""
    AuditEvent(at=NOW, actor="x", action="x", leaf="no hash").save()
    assert log.round(2)
    assert Tiles().leaves(0)[0] == bytes.fromhex(
        audit.leaf_hash(audit.of_row(AuditEvent.objects.order_by("sequence")[0]))
    )


def test_what_waits_too_long_is_seen(log: Log) -> None:
    """No worker runs."""
    log.write(1)
    assert waiting_since(log.now) is None
    late = waiting_since(log.now + timedelta(minutes=1))
    assert late is not None
    integrate(log.now)
    assert waiting_since(log.now + timedelta(minutes=1)) is None


def test_a_checkpoint_is_signed_stored_and_locked(log: Log) -> None:
    """Once for each size; in the store and in the table."""
    assert log.round() is None
    head = log.round(3)
    assert head is not None
    assert log.round() is None
    (stored,) = since(log.store, None, log.now)
    assert stored.note is not None
    assert stored.note.signed_by(log.signer.verifier) is not None
    assert stored.note.text == head.text == Note.of(AuditCheckpoint.objects.get().note).text
    assert (head.origin, head.size, head.previous) == (ORIGIN, 3, 0)
    assert stored.key == f"{PREFIX}2026/11/23/0000000000000003"
    locked = log.store.stat(stored.key, stored.version).locked_until
    assert locked is not None
    assert locked >= log.now - timedelta(minutes=1) + LOCK
    again = log.round(1)
    assert again is not None
    assert again.previous == 3


def test_checkpoints_keep_their_distance(log: Log) -> None:
    """Not with each event; and no two workers at once."""
    log.round(1)
    log.write(1)
    integrate(log.now)
    assert log.publisher().publish(log.now) is None
    assert log.publisher().publish(log.now + timedelta(seconds=60)) is not None


def test_a_clock_that_was_ahead_does_not_stop_the_signing(log: Log) -> None:
    """It was a year ahead for a round; once it is right again, the log is signed on, and the store looked at."""
    right = log.now
    log.now += timedelta(days=365)
    ahead = log.round(2)
    log.now = right
    head = log.round(1)
    assert ahead is not None
    assert head is not None
    assert (head.size, head.previous) == (3, 2)
    assert head.at == log.now.replace(microsecond=0) or head.at == log.now
    assert len(list(since(log.store, ahead.at, log.now))) == 2


def test_a_checkpoint_that_was_stored_before_a_crash_is_taken_in(log: Log) -> None:
    """Store first, row second: the row comes with the next round."""
    log.round(2)
    AuditCheckpoint.objects.all().delete()
    head = log.round(1)
    assert head is not None
    assert head.previous == 2
    assert AuditCheckpoint.objects.count() == 2


def test_nothing_is_signed_for_a_database_that_was_rolled_back(log: Log) -> None:
    """The store remembers a larger tree."""
    log.round(3)
    before = the_tree().size
    log.round(3)
    _forget_since(before)
    log.write(1)
    with pytest.raises(LogBroken, match="larger"):
        log.round()


def test_nothing_is_signed_for_a_tree_that_is_another(log: Log) -> None:
    """The same size and more, other events."""
    log.round(3)
    before = the_tree().size
    log.round(3)
    _forget_since(before)
    with pytest.raises(LogBroken, match="not what was signed"):
        log.round(8)


def _forget_since(size: int) -> None:
    """The database as it was, and the store as it is."""
    unsafe_remove(connection)
    with connection.cursor() as cursor:
        cursor.execute('SELECT sequence FROM vault_auditleaf WHERE "index" = %s', [size - 1])
        (last,) = cursor.fetchone()
        cursor.execute("DELETE FROM vault_auditevent WHERE sequence > %s", [last])
        cursor.execute('DELETE FROM vault_auditleaf WHERE "index" >= %s', [size])
        cursor.execute("DELETE FROM vault_auditcheckpoint WHERE size > %s", [size])
    tile = AuditTile.objects.get(level=0, index=0)
    tile.hashes = bytes(tile.hashes)[: 32 * size]
    tile.save()
    AuditTree.objects.update(size=size)


def test_every_event_is_proven(log: Log) -> None:
    """From its number to a text, and from the text to the event, by the log's public key alone."""
    log.round(5)
    log.round(300)
    for row in AuditEvent.objects.order_by("sequence")[::17]:
        text = inclusion(row.sequence).text()
        proof = Proof.of(text)
        head = proof.check([log.signer.verifier])
        assert (head.size, proof.event()["why"]) == (305, row.why)
    first = AuditEvent.objects.order_by("sequence")[0].sequence
    assert Proof.of(inclusion(first, 5).text()).check([log.signer.verifier]).size == 5


def test_an_altered_proof_proves_nothing(log: Log) -> None:
    """Another event, another place, another step, another signer, or rubbish."""
    log.round(9)
    row = AuditEvent.objects.order_by("sequence")[4]
    proof = inclusion(row.sequence)
    for wrong in (
        Proof(proof.entry + b" ", proof.index, proof.hashes, proof.checkpoint),
        Proof(proof.entry, proof.index + 1, proof.hashes, proof.checkpoint),
        Proof(proof.entry, proof.index, proof.hashes[::-1], proof.checkpoint),
        Proof(proof.entry, proof.index, proof.hashes, proof.checkpoint.replace("\n9\n", "\n8\n")),
    ):
        with pytest.raises(SealBroken):
            Proof.of(wrong.text()).check([log.signer.verifier])
    with pytest.raises(BadNote):
        proof.check([Signer.new(ORIGIN, Kind.LOG).verifier])
    for text in ("", "rubbish\n\n", proof.text().replace("index", "place"), proof.text().replace("extra", "more")):
        with pytest.raises(BadNote):
            Proof.of(text).check([log.signer.verifier])


def test_what_cannot_be_proven_yet_says_so(log: Log) -> None:
    """No such event, no checkpoint yet, no such checkpoint."""
    with pytest.raises(NoSuchEvent):
        inclusion(10**9)
    log.write(1)
    sequence = AuditEvent.objects.get().sequence
    with pytest.raises(NoCheckpointYet):
        inclusion(sequence)
    log.round()
    inclusion(sequence)
    with pytest.raises(NoSuchCheckpoint):
        inclusion(sequence, 7)


def test_an_event_that_was_edited_is_not_proven(log: Log) -> None:
    """The proof is checked before it is handed out."""
    log.round(3)
    row = AuditEvent.objects.order_by("sequence")[0]
    unsafe_remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vault_auditevent SET why = 'x' WHERE sequence = %s", [row.sequence])
    with pytest.raises(SealBroken):
        inclusion(row.sequence)


def test_any_two_checkpoints_are_proven_consistent(log: Log) -> None:
    """And a checkpoint with itself and with the empty log."""
    heads = [head for head in (log.round(n) for n in (1, 6, 250, 40)) if head]
    assert len(heads) == 4
    for old in heads:
        for new in heads:
            if old.size <= new.size:
                check_consistency(old.size, old.root, new.size, new.root, consistency(old.size, new.size))
    assert consistency(0, heads[0].size) == ()
    with pytest.raises(NoSuchCheckpoint):
        consistency(2, heads[0].size + 1)
    assert heads[0].root != tree.EMPTY
