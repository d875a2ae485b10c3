"""Crypto-shredding: a person's key is destroyed when nothing is kept that was sealed to it.

In two steps, a while apart. First the key is retired: nothing new is sealed to it. A filing that had begun may still
use it, so the second step waits for ``grace`` and looks again; had something been filed meanwhile, the key stays and is
approved anew. Then the sealed secret goes out of the row, and every version of the escrow object out of the bucket.
What also concerns others is sealed to each of them: nothing of theirs hangs on this key.

Backups of database and bucket are not in our hands; they must live shorter than the erasure that was promised.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.db.models import Q

from domain.disposal import UNDER_WAY, LineState, Obstacle, obstacles_of_the_record, obstacles_to_begin, valid
from domain.errors import VaultUnavailable
from domain.ports import Clock
from vault import audit, correspondence
from vault.disposal import listing
from vault.disposal.approving import line_of, make_void
from vault.disposal.executing import Executed
from vault.disposal.proposing import name
from vault.disposal.standing import Viewer
from vault.escrow import MARK, SECRET, Escrow, key_of
from vault.models import DisposalLine, SealingKey
from vault.objects.port import NoSuchObject, ObjectLocked, ObjectStore, Version
from vault.rows import writing
from vault.turns import taking_turns

_WAITS = "retired; the key is destroyed when every filing that may have begun is over: run it again after"

_NO_LOCK = "the escrow store keeps a copy of the key; its bucket must have no Object Lock by default"


class Keys:
    """Destroys the keys of a proposal."""

    def __init__(self, escrow: ObjectStore, viewer: Viewer, clock: Clock, actor: str, grace: timedelta) -> None:
        self._escrow = escrow
        self._viewer = viewer
        self._clock = clock
        self._actor = actor
        self._grace = grace

    def run(self, batch: str, progress: Callable[[str], None] = lambda _: None) -> Executed:
        """All open and begun keys of a proposal."""
        done = Executed()
        going = Q(state=LineState.OPEN) | Q(state__in=UNDER_WAY)
        for pk in DisposalLine.objects.filter(going, batch=batch, key__isnull=False).values_list("pk", flat=True):
            row = self._destroy(pk)
            if row.state == LineState.DISPOSED:
                done.disposed.append(name(row))
            else:
                done.kept[name(row)] = row.problem
            progress(name(row))
        if done.disposed:
            scrub()
        return done

    def _destroy(self, pk: int) -> DisposalLine:
        row = DisposalLine.objects.get(pk=pk)
        if row.state == LineState.OPEN:
            row = self._retire(pk)
        if row.state == LineState.BEGUN:
            row = self._empty(pk)
        if row.state == LineState.ERASED:
            row = self._remove_escrow(row)
        return row

    def _retire(self, pk: int) -> DisposalLine:
        with taking_turns():
            now = self._clock.now()
            row, key = _locked(pk)
            if row.state != LineState.OPEN:
                return row
            seen, line = self._viewer.of_key(key), line_of(row)
            obstacles = obstacles_to_begin(line, seen.standing, now)
            if not self._is_in_escrow(key):
                obstacles = (*obstacles, Obstacle.NOT_THERE)
            if obstacles:
                self._block(row, "; ".join(obstacles), void=Obstacle.CHANGED in obstacles)
                return row
            row.first_approver, row.second_approver = (a.by for a in valid(line, seen.standing.digest, now)[:2])
            row.state, row.begun_at = LineState.BEGUN, now
            row.facts, row.digest = seen.facts, seen.standing.digest
            row.problem = f"{_WAITS} {now + self._grace:%Y-%m-%d %H:%M} UTC"
            row.save()
            key.retired_at = now
            key.save(update_fields=["retired_at"])
            self._say("key retired", row, "two people approved its destruction")
        return row

    def _empty(self, pk: int) -> DisposalLine:
        """Out of the row, for good; with every condition looked at again in the same transaction."""
        overwrite_what_is_deleted()
        with taking_turns():
            now = self._clock.now()
            row, key = _locked(pk)
            if row.state != LineState.BEGUN or key.retired_at is None or now < key.retired_at + self._grace:
                return row
            seen = self._viewer.of_key(key)
            if obstacles := list(obstacles_of_the_record(seen.standing)):
                self._stop(row, key, obstacles[0])
                return row
            if not self._is_in_escrow(key):
                self._block(row, Obstacle.NOT_THERE)
                return row
            key.sealed_secret, key.destroyed_at = b"", now
            key.save(update_fields=["sealed_secret", "destroyed_at"])
            correspondence.forget_person(key.person)
            row.planned, _ = listing.plan(self._escrow, [_prefix(key)], now)
            row.state, row.erased_at, row.problem = LineState.ERASED, now, ""
            row.save()
            self._say("key emptied", row, "two people approved its destruction")
        return row

    def _is_in_escrow(self, key: SealingKey) -> bool:
        """Else it may be another escrow than the one in which the copies lie, and they would stay."""
        return any(v.version == key.escrow_version for v in secrets_left(self._escrow, _prefix(key)))

    def _remove_escrow(self, row: DisposalLine) -> DisposalLine:
        key = SealingKey.objects.get(disposals=row.pk)
        for version in secrets_left(self._escrow, _prefix(key)):
            try:
                self._escrow.delete(version.key, version.version)
            except NoSuchObject:
                continue  # another run of ours was quicker
            except ObjectLocked:
                return self._keep(row, _NO_LOCK)
        Escrow(self._escrow).destroy(key, key.destroyed_at or self._clock.now())  # the mark that it was
        left = secrets_left(self._escrow, _prefix(key))
        if left:
            raise VaultUnavailable("escrow versions are listed after they were deleted", left=len(left))
        with writing(VaultUnavailable):
            row, _ = _locked(row.pk)
            if row.state == LineState.ERASED:
                now = self._clock.now()
                row.proof = {"listed": now.isoformat(), "below": [_prefix(key)], "left": 0}
                row.state, row.disposed_at, row.problem = LineState.DISPOSED, now, ""
                row.save()
                self._say("key destroyed", row, "two people approved its destruction")
        return row

    def _stop(self, row: DisposalLine, key: SealingKey, obstacle: Obstacle) -> None:
        """Within the caller's transaction. The key is in use again."""
        row.state, row.begun_at, row.first_approver, row.second_approver = LineState.OPEN, None, "", ""
        row.problem = obstacle
        row.save()
        make_void(row, obstacle)
        key.retired_at = None
        key.save(update_fields=["retired_at"])
        self._say("key kept", row, obstacle)

    def _keep(self, row: DisposalLine, problem: str) -> DisposalLine:
        with writing(VaultUnavailable):
            row, _ = _locked(row.pk)
            self._block(row, problem)
        return row

    def _block(self, row: DisposalLine, problem: str, *, void: bool = False) -> None:
        if void:
            make_void(row, Obstacle.CHANGED)
        if problem != row.problem:
            row.problem = problem
            row.save(update_fields=["problem"])
            self._say("disposal blocked", row, problem)

    def _say(self, action: str, row: DisposalLine, why: str) -> None:
        approvers = [a for a in (row.first_approver, row.second_approver) if a]
        details = {"batch": row.batch_id, "digest": row.digest, "approvers": approvers, "key": name(row)}
        audit.append([audit.Event(self._clock.now(), self._actor, action, why=why, details=details)])


def _locked(pk: int) -> tuple[DisposalLine, SealingKey]:
    row = DisposalLine.objects.select_for_update().get(pk=pk)
    return row, SealingKey.objects.select_for_update().get(disposals=row.pk)


def _prefix(key: SealingKey) -> str:
    """Every escrow object of this very key.

    One of the same generation and another tag is another key's: of a database that was set back, say, and all there
    is for opening what it filed meanwhile.
    """
    return key_of(key).removesuffix(SECRET)


def secrets_left(escrow: ObjectStore, prefix: str) -> list[Version]:
    """What the escrow store lists below, but for the mark that says that the key was destroyed."""
    return [v for v in listing.everything(escrow, [prefix]) if not v.key.endswith(MARK)]


def overwrite_what_is_deleted() -> None:
    """SQLite overwrites what this connection deletes from now on."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")


def scrub() -> None:
    """What databases keep of changed rows goes, too: SQLite's log is written back and cut, PostgreSQL vacuums."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM {SealingKey._meta.db_table}")  # noqa: SLF001 - Django's documented API
