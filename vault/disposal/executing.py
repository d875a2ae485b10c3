"""Carrying out what two people approved, line by line. Killed at any moment, the next run goes on where it was.

For each line: the intent (row and audit, with every condition looked at again in the same transaction); the objects,
every version, with a look for holds before each; the store's own listing that nothing is left; the row made a stub and
everything about it forgotten. At the end a certificate of all that went. What the store keeps, or a hold stops, stays
open with that reason, and the rest goes on.

Raises ``VaultUnavailable`` when store or database do not answer: nothing is guessed, run it again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from domain.disposal import UNDER_WAY, LineState, Obstacle, obstacle_to_erase, obstacles_to_begin, valid
from domain.errors import VaultUnavailable
from domain.ports import Clock
from vault import audit
from vault.belonging import belongs
from vault.disposal import listing
from vault.disposal.approving import line_of, make_void
from vault.disposal.forgetting import FORGETTERS, Forgetter
from vault.disposal.proposing import name
from vault.disposal.standing import Viewer
from vault.holds import coverage
from vault.holds.searching import Search, must_ask
from vault.models import DisposalLine, RecordState, VaultObject, VaultRecord
from vault.objects.port import NoSuchObject, ObjectLocked, ObjectStore
from vault.rows import writing
from vault.search import saved
from vault.turns import taking_turns

Progress = Callable[[str], None]
"""Told the name of each line that has been dealt with."""


@dataclass
class Executed:
    """The names of what went, and of what did not with the reason."""

    disposed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


class Records:
    """Destroys the records of a proposal. ``actor`` is who started it; the approvers are in the rows."""

    def __init__(
        self,
        store: ObjectStore,
        viewer: Viewer,
        clock: Clock,
        actor: str,
        forgetters: Mapping[str, Forgetter] = FORGETTERS,
        search: Search = saved.records_of,
    ) -> None:
        self._store = store
        self._viewer = viewer
        self._clock = clock
        self._actor = actor
        self._forgetters = forgetters
        self._search = search

    def run(self, batch: str, progress: Progress = lambda _: None) -> Executed:
        """All open and begun records of a proposal. Raises ``NotAllowed`` while a hold's search cannot be asked."""
        must_ask(self._actor, self._clock.now(), self._search)
        done = Executed()
        going = Q(state=LineState.OPEN) | Q(state__in=UNDER_WAY)
        for pk in DisposalLine.objects.filter(going, batch=batch, record__isnull=False).values_list("pk", flat=True):
            row = self._dispose(pk)
            if row.state == LineState.DISPOSED:
                done.disposed.append(name(row))
            else:
                done.kept[name(row)] = row.problem
            progress(name(row))
        return done

    def _dispose(self, pk: int) -> DisposalLine:
        row = DisposalLine.objects.get(pk=pk)
        if row.state == LineState.OPEN:
            row = self._begin(row)
        if row.state == LineState.BEGUN:
            row = self._erase(row)
        if row.state == LineState.ERASED:
            row = self._reduce(row)
        return row

    def _begin(self, before: DisposalLine) -> DisposalLine:
        """The point of no return: from here on a hold may come too late, and says so."""
        planned, kept_by_store = listing.plan(self._store, _prefixes(before.record_id), self._clock.now())
        with taking_turns():
            now = self._clock.now()
            row, record = _locked(before.pk)
            if row.state != LineState.OPEN:
                return row
            line = line_of(row)
            seen = self._viewer.of_lines([row], now)[row.pk]
            obstacles = list(obstacles_to_begin(line, seen.standing, now))
            if kept_by_store and Obstacle.LOCKED not in obstacles:
                obstacles.append(Obstacle.LOCKED)
            if not _has_any(planned, seen.facts["objects"]):
                obstacles.append(Obstacle.NOT_THERE)
            if obstacles:
                self._block(row, obstacles, now)
                return row
            row.first_approver, row.second_approver = (a.by for a in valid(line, seen.standing.digest, now)[:2])
            row.state, row.begun_at, row.problem = LineState.BEGUN, now, ""
            row.facts, row.digest, row.planned = seen.facts, seen.standing.digest, planned
            row.save()
            record.state = RecordState.DISPOSING
            record.save(update_fields=["state"])
            self._say("disposal begun", row, now, versions=len(planned), rule=seen.facts["rule"])
        return row

    def _erase(self, row: DisposalLine) -> DisposalLine:
        prefixes = _prefixes(row.record_id)
        there = list(listing.everything(self._store, prefixes))
        if not there and belongs(self._store) is False:  # an earlier run of ours removed them; or the settings changed
            raise VaultUnavailable("the store has nothing of the newest records: is it another one?")
        for version in there:
            obstacle = obstacle_to_erase(line_of(row), held=_is_held(row.record_id))
            if obstacle:
                return self._stop(row, obstacle)
            try:
                self._store.delete(version.key, version.version)
            except NoSuchObject:
                continue  # another run of ours was quicker
            except ObjectLocked:
                return self._stop(row, Obstacle.LOCKED)
        left = list(listing.everything(self._store, prefixes))
        if left:
            raise VaultUnavailable("versions are listed after they were deleted", record=row.record_id, left=len(left))
        with writing(VaultUnavailable):
            now = self._clock.now()
            fresh, _ = _locked(row.pk)
            if fresh.state != LineState.BEGUN:
                return fresh
            fresh.state, fresh.erased_at = LineState.ERASED, now
            fresh.proof = {"listed": now.isoformat(), "below": prefixes, "left": 0}
            fresh.save()
            self._say("copies removed", fresh, now, versions=len(fresh.planned), left=0)
        return fresh

    def _reduce(self, row: DisposalLine) -> DisposalLine:
        """What stays is the stub: id, classes, dates, people's references."""
        with taking_turns():
            now = self._clock.now()
            row, record = _locked(row.pk)
            if row.state != LineState.ERASED:
                return row
            row.proof["forgotten"] = {what: forget(record.id) for what, forget in self._forgetters.items()}
            VaultObject.objects.filter(record=record).delete()
            record.state, record.digest, record.sender, record.plan = RecordState.DISPOSED, "", "", ""
            record.decisions = []
            record.save()
            row.state, row.disposed_at = LineState.DISPOSED, now
            row.save()
            self._say("disposed", row, now, files=digest_of_files(row))
        return row

    def _block(self, row: DisposalLine, obstacles: list[Obstacle], now: datetime) -> None:
        """Not begun. Said in the audit trail once, not at each try."""
        if Obstacle.CHANGED in obstacles:
            make_void(row, Obstacle.CHANGED)
        problem = "; ".join(obstacles)
        if problem != row.problem:
            row.problem = problem
            row.save(update_fields=["problem"])
            self._say("disposal blocked", row, now)

    def _stop(self, row: DisposalLine, obstacle: Obstacle) -> DisposalLine:
        """Begun, and not gone on with: what is still there is a filed record again, and must be approved anew."""
        left = sum(1 for _ in listing.everything(self._store, _prefixes(row.record_id)))
        with taking_turns():
            now = self._clock.now()
            row, record = _locked(row.pk)
            if row.state != LineState.BEGUN:
                return row
            row.problem = f"{obstacle}; {left} of {len(row.planned)} copies are left"
            row.state, row.begun_at, row.first_approver, row.second_approver = LineState.OPEN, None, "", ""
            row.save()
            make_void(row, obstacle)
            _file_again(record)
            self._say("disposal stopped", row, now, left=left, planned=len(row.planned))
        return row

    def _say(self, action: str, row: DisposalLine, now: datetime, **more: object) -> None:
        approvers = [a for a in (row.first_approver, row.second_approver) if a]
        details = {"batch": row.batch_id, "digest": row.digest, "approvers": approvers} | more
        why = row.problem or "two people approved it"
        audit.append([audit.Event(now, self._actor, action, row.record_id or "", why, details)])


def _has_any(listed: list[dict[str, object]], objects: Any) -> bool:
    """Whether the store has a file that the record names.

    If none, it may be another store than the one that they lie in, and a certificate would say that they are gone
    while they are not.
    """
    there = {(version["key"], version["version"]) for version in listed}
    return any((o["key"], o["version"]) in there for o in objects)


def digest_of_files(row: DisposalLine) -> str:
    """One SHA-256 over the keys and sealed digests of a record's files, which the audit trail keeps; hexadecimal."""
    return hashlib.sha256(json.dumps(row.facts["objects"], sort_keys=True).encode()).hexdigest()


def _locked(pk: int) -> tuple[DisposalLine, VaultRecord]:
    """The rows as they are now; on PostgreSQL nobody changes them until the transaction ends."""
    row = DisposalLine.objects.select_for_update().get(pk=pk)
    return row, VaultRecord.objects.select_for_update().get(pk=row.record_id)


def _is_held(record: str | None) -> bool:
    return VaultRecord.objects.filter(coverage.is_held(), pk=record).exists()


def _prefixes(record: str | None) -> list[str]:
    """The folders in which the record's files lie. They are named by the record, so all below them is its own."""
    keys = VaultObject.objects.filter(record=record).values_list("key", flat=True)
    return sorted({key.rpartition("/")[0] + "/" for key in keys})


def _file_again(record: VaultRecord) -> None:
    """If the same mail was filed anew meanwhile, that one is what a retry finds."""
    same = VaultRecord.objects.filter(
        digest=record.digest, sender=record.sender, plan=record.plan, state=RecordState.FILED
    )
    if same.exists():
        record.plan = record.id
    record.state = RecordState.FILED
    record.save(update_fields=["state", "plan"])
