"""The store's own legal holds, kept in step with ours: on every file of a held record, off when the last hold has gone.

The rows decide (``coverage.py``); this is a second lock on the same door, for whoever comes past this software. Each
file is noted, set, read back, and then marked as held, so a sweep that was broken off goes on where it was. Safe to run
several at once: what one has done, another finds done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.holds.coverage import held_records
from vault.lasting import Lasting
from vault.models import MirroredHold, RecordState, VaultObject
from vault.objects.port import NoSuchObject, ObjectStore
from vault.paging import pages
from vault.rows import writing

_AT_ONCE = 100
Progress = Callable[[int], None]
"""Told how many files have been looked at since it was told last."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many files came to be held, were let go, could not be set. ``mended``: somebody had taken the hold off."""

    put_on: int = 0
    taken_off: int = 0
    mended: int = 0
    failed: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.put_on + other.put_on,
            self.taken_off + other.taken_off,
            self.mended + other.mended,
            self.failed + other.failed,
        )


class Mirror:
    """Sweeps over one store."""

    def __init__(self, store: ObjectStore, actor: str) -> None:
        self._store = store
        self._actor = actor

    def waiting(self) -> int:
        """How many files have to be set or let go."""
        return _to_put_on().count() + _to_take_off().count()

    def held(self) -> int:
        """How many files have the store's hold on them, as far as we know."""
        return MirroredHold.objects.exclude(read_back_at=None).count()

    def sweep(self, now: datetime, progress: Progress = lambda _: None) -> Swept:
        """Everything that waits. A file that the store refuses is counted and left for the next sweep."""
        done, lasting = Swept(), Lasting(now)
        for page in pages(_to_put_on(), _AT_ONCE):
            done += self._put_on(page, lasting.now)
            progress(len(page))
        for page in pages(_to_take_off(), _AT_ONCE):
            done += self._take_off(page, lasting.now)
            progress(len(page))
        return done

    def verify(self, now: datetime, progress: Progress = lambda _: None) -> Swept:
        """Look at every file that should be held, in the store itself, and put back what somebody took off."""
        done, lasting = Swept(), Lasting(now)
        told = VaultObject.objects.filter(mirrored_hold__read_back_at__isnull=False, record__in=held_records())
        for page in pages(told, _AT_ONCE):
            lost = [o for o in page if not self._is_held(o)]
            again = self._put_on(lost, lasting.now, "hold put back")
            done += Swept(mended=again.put_on, failed=again.failed)
            progress(len(page))
        return done

    def _put_on(self, objects: Sequence[VaultObject], now: datetime, action: str = "hold put on files") -> Swept:
        with writing(VaultUnavailable):
            MirroredHold.objects.bulk_create((MirroredHold(object=o) for o in objects), ignore_conflicts=True)
        good = [o for o in objects if self._set(o, on=True)]
        with writing(VaultUnavailable):
            MirroredHold.objects.filter(object__in=good).update(read_back_at=now)
            audit.append(self._events(action, good, now))
        return Swept(put_on=len(good), failed=len(objects) - len(good))

    def _take_off(self, objects: Sequence[VaultObject], now: datetime) -> Swept:
        good = [o for o in objects if self._set(o, on=False)]
        with writing(VaultUnavailable):
            MirroredHold.objects.filter(object__in=good).delete()
            audit.append(self._events("hold taken off files", good, now))
        return Swept(taken_off=len(good), failed=len(objects) - len(good))

    def _set(self, row: VaultObject, *, on: bool) -> bool:
        """Set, and read back."""
        try:
            self._store.set_legal_hold(row.key, row.version, on)
            return self._store.stat(row.key, row.version).legal_hold is on
        except SallyportError:
            return False

    def _is_held(self, row: VaultObject) -> bool:
        try:
            return self._store.stat(row.key, row.version).legal_hold
        except NoSuchObject:
            return False

    def _events(self, action: str, objects: Sequence[VaultObject], now: datetime) -> Iterable[audit.Event]:
        files: dict[str, int] = {}
        for row in objects:
            files[row.record_id] = files.get(row.record_id, 0) + 1
        why = "the store is kept in step with the holds"
        return [audit.Event(now, self._actor, action, record, why, {"files": n}) for record, n in files.items()]


def _to_put_on() -> QuerySet[VaultObject]:
    held = held_records().exclude(state=RecordState.DISPOSED)
    return VaultObject.objects.filter(record__in=held, mirrored_hold__read_back_at__isnull=True)


def _to_take_off() -> QuerySet[VaultObject]:
    return VaultObject.objects.filter(mirrored_hold__isnull=False).exclude(record__in=held_records())
