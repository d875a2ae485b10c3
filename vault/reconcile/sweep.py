"""Files that no row names, left by a crash, removed once that is safe.

Only below ``v1/``, only of records that there are not, only when the lock has run out, no hold is on and the file is
older than a margin. A mail whose bundle is there may have been filed to the end, and the database may have lost its
rows since: it goes only if the audit log proves that it was never said to be filed, or a person says so; and never if
the audit trail says that it was. Nothing goes from a store of which the database names no file: one of the two is
another vault's. Each file is written to the audit trail before it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import SallyportError, VaultUnavailable
from vault import audit
from vault.belonging import belongs
from vault.lasting import Lasting
from vault.models import VaultRecord
from vault.objects.port import NoSuchObject, ObjectLocked, ObjectStore, Stat
from vault.paging import in_pieces
from vault.reconcile.filed_log import FiledLog, said_to_be_filed
from vault.reconcile.listing import Listing, Orphan
from vault.rows import reading, writing

MARGIN = timedelta(days=7)
_AT_ONCE = 100


class AnotherVault(SallyportError):
    """Database and store do not belong together, as far as can be seen. Nothing was removed."""

    public = (
        "The database names no file that this store has, so they may be of two vaults, and nothing is removed: look at "
        "the settings database_url and vault; if the database is new, restore its backup."
    )


class Fate(StrEnum):
    """What becomes of one file, and why."""

    SWEPT = "removed"
    WOULD = "would be removed"
    YOUNG = "kept: younger than the margin"
    LOCKED = "kept: its lock has not run out"
    HELD = "kept: a legal hold is on it"
    WHOLE = "kept: the whole mail is there, and the audit log does not prove that it was never said to be filed"
    LOST = "kept: the audit trail says that it was filed, and its rows are gone; restore the database"
    REFUSED = "kept: the store does not let it go"


@dataclass(frozen=True, slots=True)
class Swept:
    """One file and its fate."""

    orphan: Orphan
    fate: Fate


@dataclass(frozen=True, slots=True)
class Broom:
    """``delete`` False only looks. ``whole`` takes whole mails too, for the reason ``why``, which is audited."""

    store: ObjectStore
    actor: str
    why: str = "left by a filing that did not come to its end"
    delete: bool = False
    whole: bool = False
    margin: timedelta = MARGIN
    log: FiledLog | None = None

    def sweep(self, now: datetime) -> Iterator[Swept]:
        """Every orphan with its fate, as it is met. Run again, what has gone is gone.

        Raises ``VaultUnavailable``, and :class:`AnotherVault` before anything goes.
        """
        ours, lasting = False, Lasting(now)
        for piece in in_pieces(self._judged(now), _AT_ONCE):
            yield from (s for s in piece if s.fate is not Fate.WOULD)
            ready = [s.orphan for s in piece if s.fate is Fate.WOULD]
            if self.delete and ready:
                ours = ours or bool(belongs(self.store))
                if not ours:
                    raise AnotherVault("no file of the newest records is there")
                yield from self._remove(ready, lasting.now)
            else:
                yield from (Swept(o, Fate.WOULD) for o in ready)

    def _judged(self, now: datetime) -> Iterator[Swept]:
        with reading(VaultUnavailable):
            for orphan in Listing(self.store, now, self.log).orphans():
                yield Swept(orphan, self._fate(orphan, now))

    def _fate(self, orphan: Orphan, now: datetime) -> Fate:
        if orphan.lost:
            return Fate.LOST
        if now < orphan.made + self.margin:
            return Fate.YOUNG
        if orphan.whole and not self.whole:
            return Fate.WHOLE
        if orphan.remains:
            return Fate.WOULD
        try:
            return _protected(self.store.stat(orphan.version.key, orphan.version.version), now) or Fate.WOULD
        except NoSuchObject:
            return Fate.REFUSED

    def _remove(self, orphans: list[Orphan], now: datetime) -> Iterator[Swept]:
        """Asked once more whether a record has come to be: nothing of a record is ever removed."""
        with writing(VaultUnavailable):
            known = set(VaultRecord.objects.filter(id__in={o.record for o in orphans}).values_list("id", flat=True))
            known |= said_to_be_filed([o.record for o in orphans])
            mine = [o for o in orphans if o.record not in known]
            audit.append(self._events(mine, now))
        for orphan in mine:
            try:
                self.store.delete(orphan.version.key, orphan.version.version)
            except (ObjectLocked, NoSuchObject):
                yield Swept(orphan, Fate.REFUSED)
            else:
                yield Swept(orphan, Fate.SWEPT)

    def _events(self, orphans: Iterable[Orphan], now: datetime) -> list[audit.Event]:
        return [
            audit.Event(
                now,
                self.actor,
                "sweeping orphan",
                o.record,
                self.why,
                {"key": o.version.key, "version": o.version.version, "size": o.version.size, "whole": o.whole},
            )
            for o in orphans
        ]


def _protected(stat: Stat, now: datetime) -> Fate | None:
    if stat.legal_hold:
        return Fate.HELD
    return Fate.LOCKED if stat.locked_until and now < stat.locked_until else None
