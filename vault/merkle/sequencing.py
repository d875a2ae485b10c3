"""Gives every event its place in the tree: any number of workers at once, no lock that a relay could wait for.

Relays write events at the same time, and the database's sequence numbers have gaps and come late (a number is drawn
before its transaction commits). So an event's place is not its number: this sweep takes whatever has no place yet, in
the order of the numbers, and appends it. What commits late is taken by a later sweep. Every event of the last
hour or two is looked at each time; once a day all are.

Several workers: each computes outside any transaction and then sets the tree's size only if it is still what it
started from. The loser's work is dropped. Failure: ``VaultUnavailable``; nothing is half done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from domain.errors import VaultUnavailable
from vault import audit, sql
from vault.merkle import tiles
from vault.merkle.tree import HASH_LENGTH
from vault.models import AuditEvent, AuditLeaf, AuditTree
from vault.rows import reading, writing

BATCH = 500
"""How many a transaction takes: SQLite's relays wait for it, some milliseconds."""
LATE = timedelta(hours=1)
"""Longer than any transaction of ours could take to commit."""
_SWEEP = timedelta(days=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_WAITING = """SELECT e.sequence, e.leaf FROM vault_auditevent e
WHERE e.sequence > %s AND NOT EXISTS (SELECT 1 FROM vault_auditleaf l WHERE l.sequence = e.sequence)
ORDER BY e.sequence LIMIT %s"""


class Sweep(NamedTuple):
    """How many events were given a place, and whether none waits any more, as far as this sweep saw.

    Nobody signs a tree after a sweep that was not ``whole``: what still waits would look as if it were put in later.
    """

    taken: int
    whole: bool


def integrate(now: datetime, batch: int = BATCH) -> Sweep:
    """Append all that waits. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        state = the_tree()
        thorough = now - state.swept_at >= _SWEEP
        after, done = 0 if thorough else state.floor, 0
        size = state.size  # read before what waits: nothing of that has a place then
        while found := sql.select(_WAITING, [after, batch]):
            if not _append(size, found):
                return Sweep(done, whole=False)  # another worker was quicker, and goes on with it
            after, done, size = int(found[-1][0]), done + len(found), size + len(found)
            if len(found) < batch:
                break  # what came meanwhile is for the next sweep: relays never stop writing
    _move_floor(now, thorough=thorough)
    return Sweep(done, whole=True)


def waiting_since(before: datetime) -> AuditEvent | None:
    """The first event that has no place, though it was written before that time."""
    with reading(VaultUnavailable):
        for sequence, _ in sql.select(_WAITING, [the_tree().floor, BATCH]):
            event = AuditEvent.objects.filter(sequence=sequence, at__lt=before).first()
            if event is not None:
                return event
    return None


def the_tree() -> AuditTree:
    """The tree's one row, made when it is first asked for."""
    row, _ = AuditTree.objects.get_or_create(
        id=1, defaults={"floor_at": _LONG_AGO, "swept_at": _LONG_AGO, "checkpoint_at": _LONG_AGO}
    )
    return row


def _append(size: int, found: Sequence[tuple[int, str]]) -> bool:
    """Whether the tree was still as large as when we began."""
    changed = tiles.extended(size, [_leaf(sequence, leaf) for sequence, leaf in found])
    with writing(VaultUnavailable):
        if not AuditTree.objects.filter(id=1, size=size).update(size=size + len(found)):
            return False
        AuditLeaf.objects.bulk_create(
            [AuditLeaf(index=size + n, sequence=sequence) for n, (sequence, _) in enumerate(found)]
        )
        tiles.write(changed)
    return True


def _leaf(sequence: int, leaf: str) -> bytes:
    """What the writer said, so that a change since is seen. One that is no hash must not stop all that come after."""
    try:
        found = bytes.fromhex(leaf)
    except ValueError:
        found = b""
    if len(found) != HASH_LENGTH:
        row = AuditEvent.objects.get(sequence=sequence)
        return bytes.fromhex(audit.leaf_hash(audit.of_row(row)))
    return found


def _move_floor(now: datetime, *, thorough: bool) -> None:
    """Each number stays above the floor for an hour at the least after it was the highest."""
    with writing(VaultUnavailable):
        state = the_tree()
        if thorough:
            AuditTree.objects.filter(id=1).update(swept_at=now)
        if now - state.floor_at < LATE:
            return
        highest = AuditLeaf.objects.order_by("-sequence").values_list("sequence", flat=True).first()
        moved = {"floor": state.floor_next, "floor_next": highest or 0, "floor_at": now}
        AuditTree.objects.filter(id=1, floor_at=state.floor_at).update(**moved)
