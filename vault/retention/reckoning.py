"""What has run out, asked afresh: disposal rests on what is true now, never on a row of last night's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.errors import SallyportError, VaultUnavailable
from domain.retention import Schedule, day_of
from domain.retention_reckoning import Kept, reckon
from vault.models import RecordState, VaultRecord
from vault.retention.facts import BATCH, KnownLives, Read, read
from vault.retention.port import Lives
from vault.rows import reading


class NoSuchRecord(SallyportError):
    """An id that no record has."""

    public = "There is no such record."


class Retention:
    """The schedule, put to the vault's records and the register's people. Reads only; holds nothing between calls.

    Every method raises ``VaultUnavailable`` or ``RegisterUnavailable``: then nothing has run out.
    """

    def __init__(self, lives: Lives, schedule: Schedule) -> None:
        self.lives = lives
        self.schedule = schedule

    def due(self, now: datetime, limit: int) -> list[str]:
        """Ids of filed records whose retention has run out by now, the longest overdue first; at most ``limit``."""
        found: list[str] = []
        with reading(VaultUnavailable):
            known = KnownLives(self.lives)
            for ids in _candidates(now):
                found += [r.id for r, kept in self.verdicts(read(ids), known) if kept[0].run_out(day_of(now))]
                if len(found) >= limit:
                    break
        return found[:limit]

    def run_out(self, record: str, now: datetime) -> bool:
        """Whether its retention has run out by now. False for a record that is not there or is disposed of already."""
        with reading(VaultUnavailable):
            found = [row for row in read([record]) if row.state == RecordState.FILED]
            return any(kept[0].run_out(day_of(now)) for _, kept in self.verdicts(found, KnownLives(self.lives)))

    def explain(self, record: str) -> tuple[Kept, ...]:
        """What each class asks for because of each person; the first is what counts. Raises :class:`NoSuchRecord`."""
        with reading(VaultUnavailable):
            for _, kept in self.verdicts(read([record]), KnownLives(self.lives)):
                return kept
        raise NoSuchRecord("no record", record=record)

    def verdicts(self, rows: Sequence[Read], known: KnownLives) -> Iterator[tuple[Read, tuple[Kept, ...]]]:
        """Each row with what is reckoned of it, the longest first."""
        lives = known.of({person for row in rows for person in row.facts.people})
        for row in rows:
            yield row, reckon(row.facts, lives, self.schedule)


def _candidates(now: datetime) -> Iterator[list[str]]:
    """Filed records whose row says that they have run out, a batch at a time. The row may be stale either way: one
    that is kept longer falls out when it is reckoned; one that ran out only today is there after the next sweep.
    """  # noqa: D205 - one sentence that needs two lines
    rows = VaultRecord.objects.filter(state=RecordState.FILED, retain_until__lte=now).order_by("retain_until", "id")
    batch: list[str] = []
    for ident in rows.values_list("id", flat=True).iterator(chunk_size=BATCH):
        batch.append(ident)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
