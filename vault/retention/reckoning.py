"""What has run out, asked afresh: disposal rests on what is true now, never on a row of last night's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.errors import SallyportError, VaultUnavailable
from domain.retention import Schedule
from domain.retention_reckoning import Kept, reckon
from vault.retention.facts import KnownLives, Read, read
from vault.retention.port import Lives
from vault.rows import reading


class NoSuchRecord(SallyportError):
    """An id that no record has."""

    public = "There is no such record."


class Retention:
    """The schedule, put to the vault's records and the register's people. Reads only; holds nothing between calls.

    Its methods raise ``VaultUnavailable`` and ``RegisterUnavailable``: then nothing has run out.
    """

    def __init__(self, lives: Lives, schedule: Schedule) -> None:
        self.lives = lives
        self.schedule = schedule

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
