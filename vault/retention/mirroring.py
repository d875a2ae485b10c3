"""Locks and tags in the object store, kept in step with the rows.

A lock is short and is extended before it runs out, for as long as disposal is not due and never beyond the day on
which it is: so whatever becomes of us, the store lets go of a copy within one lock's length of the right day. Each
lock is read back before its row says so. A store that is down leaves the work to the next time; a copy that cannot be
locked or is missing keeps no other waiting, and `sallyport check` names how many locks are about to run out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from domain.errors import SallyportError, VaultUnavailable
from vault import audit, sql
from vault.lasting import Lasting
from vault.models import RecordState, RetentionState, VaultObject
from vault.objects.port import ObjectLocked, ObjectStore
from vault.retention.writing import tag
from vault.rows import reading, writing

_T = TypeVar("_T")
_D = TypeVar("_D")

CHUNK = 100
"""Objects, or records, whose results are written in one transaction."""
_THREADS = 4
_ENOUGH = 10
"""Failures without any success that say that the store is down, and not that something is wrong with one object."""
_TAG = "retain-until"
_LOCKED = "UPDATE vault_vaultobject SET locked_until = %s WHERE id = %s"
_TAGGED = "UPDATE vault_retentionstate SET tags_behind = %s WHERE record_id = %s AND reckoned_at = %s"


@dataclass(slots=True)
class Mirrored:
    """One chunk: how many were done, and the records of those that were not, with why."""

    done: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Locking:
    row: VaultObject
    until: datetime


class Mirror:
    """Housekeeping at the store. ``lock`` is how long a lock is at most, from now."""

    def __init__(self, store: ObjectStore, lock: timedelta, actor: str) -> None:
        self._store = store
        self._lock = lock
        self._actor = actor

    def extend_locks(self, now: datetime) -> Iterator[Mirrored]:
        """Every lock of which half has gone, the shortest first; a value a chunk.

        Raises ``VaultUnavailable`` when the store is down.
        """
        last: tuple[datetime, int] | None = None
        lasting = Lasting(now)
        while rows := self._running_out(now, last):
            last = rows[-1].locked_until, rows[-1].pk
            done, found = _each(self._extend, [_Locking(r, min(now + self._lock, r.record.retain_until)) for r in rows])
            if done:
                with writing(VaultUnavailable, lasting=False):
                    sql.update_many(_LOCKED, done)
                    audit.append([self._event(done, lasting.now)])
            yield Mirrored(len(done), [(one.row.record_id, why) for one, why in found])

    def set_tags(self) -> Iterator[Mirrored]:
        """Of every record whose date has moved; a value a chunk. Raises as :meth:`extend_locks` does."""
        last = ""
        while rows := self._untagged(last):
            last = rows[-1].record_id
            done, found = _each(self._retag, rows)
            with writing(VaultUnavailable, lasting=False):
                sql.update_many(_TAGGED, done)
            yield Mirrored(len(done), [(state.record_id, why) for state, why in found])

    def _running_out(self, now: datetime, last: tuple[datetime, int] | None) -> list[VaultObject]:
        rows = running_out(now, self._lock / 2)
        if last is not None:
            after = Q(locked_until__gt=last[0]) | Q(pk__gt=last[1])
            rows = rows.filter(after, locked_until__gte=last[0])  # said twice, so that the index is used
        with reading(VaultUnavailable):
            return list(rows.select_related("record").order_by("locked_until", "pk")[:CHUNK])

    def _untagged(self, last: str) -> list[RetentionState]:
        rows = RetentionState.objects.filter(tags_behind=True, record_id__gt=last, record__state=RecordState.FILED)
        with reading(VaultUnavailable):
            return list(rows.order_by("record_id").prefetch_related("record__objects_filed")[:CHUNK])

    def _extend(self, one: _Locking) -> tuple[datetime, int]:
        """The lock as the store has it afterwards, and the row."""
        key, version = one.row.key, one.row.version
        with suppress(ObjectLocked):  # it is longer already, and the row did not know
            self._store.extend_lock(key, version, one.until)
        lock = self._store.stat(key, version).locked_until
        if lock is None or lock < one.until:
            raise VaultUnavailable("the store dropped or cut the lock", key=key)
        return lock, one.row.pk

    def _retag(self, state: RetentionState) -> tuple[bool, str, datetime]:
        for filed in state.record.objects_filed.all():
            tags = self._store.tags(filed.key, filed.version)
            if tags.get(_TAG) != tag(state):
                self._store.set_tags(filed.key, filed.version, {**tags, _TAG: tag(state)})
        return False, state.record_id, state.reckoned_at

    def _event(self, done: Sequence[tuple[datetime, int]], now: datetime) -> audit.Event:
        details = {"objects": len(done), "until": max(lock for lock, _ in done).isoformat()}
        return audit.Event(now, self._actor, "locks extended", "", "disposal is not due, and a lock is short", details)


def _each(do: Callable[[_T], _D], todo: Sequence[_T]) -> tuple[list[_D], list[tuple[_T, str]]]:
    """Several at a time: what came of those that went well, and the others with the reason.

    Raises ``VaultUnavailable`` where the store did none: it is down, and the rest would only wait.
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        results = list(pool.map(lambda one: _tried(do, one), todo))
    done = [result for result in results if not isinstance(result, SallyportError)]
    failed = [(one, result) for one, result in zip(todo, results, strict=True) if isinstance(result, SallyportError)]
    if len(failed) >= _ENOUGH and not done and all(isinstance(error, VaultUnavailable) for _, error in failed):
        raise failed[0][1]
    return done, [(one, str(error)) for one, error in failed]


def _tried(do: Callable[[_T], _D], one: _T) -> _D | SallyportError:
    try:
        return do(one)
    except SallyportError as error:
        return error


def running_out(now: datetime, within: timedelta) -> QuerySet[VaultObject]:
    """Objects whose lock ends within that time, though disposal is not due by then and the lock could be longer."""
    return VaultObject.objects.filter(
        locked_until__lt=now + within,
        record__state=RecordState.FILED,
        record__retain_until__gt=now,
    ).filter(locked_until__lt=F("record__retain_until"))
