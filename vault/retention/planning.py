"""Counts of what falls due, by the state that was reckoned last: one statement, grouped in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from domain.errors import VaultUnavailable
from domain.retention_plan import Falls
from vault.holds import coverage
from vault.models import LegalHold, RecordState, RetentionState, VaultRecord
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class Due:
    """``falls``: by governing class and year; ``because``: those without a day, by why; ``unreckoned``: filed since;
    ``held``: overdue, and kept by a hold.
    """  # noqa: D205 - one sentence that needs two lines

    falls: tuple[Falls, ...]
    because: Mapping[str, int]
    unreckoned: int
    held: int


def read(today: date) -> Due:
    """Of every filed record. Raises ``VaultUnavailable``."""
    rows = RetentionState.objects.filter(record__state=RecordState.FILED)
    grouped = rows.values_list("record_class", "until", "event").annotate(n=Count("record")).order_by()
    records = VaultRecord.objects.filter(state=RecordState.FILED)
    falls: Counter[tuple[str, int | None, bool]] = Counter()
    because: Counter[str] = Counter()
    with reading(VaultUnavailable):
        for name, until, event, number in grouped.iterator():  # by the day: the years are cheaper to see here
            falls[name, until and until.year, until is not None and until <= today] += number
            if until is None:
                because[event] += number
        any_hold = LegalHold.objects.filter(lifted_at=None).exists()
        held = records.filter(coverage.is_held(), retention__until__lte=today).count() if any_hold else 0
        filed = records.count()
    found = tuple(Falls(name, year, number, late) for (name, year, late), number in sorted(falls.items(), key=str))
    return Due(found, dict(because.most_common()), max(filed - falls.total(), 0), held)


def remarks(due: Due) -> Iterator[str]:
    """What else there is to say of it."""
    if due.held:
        yield f"Of what is overdue, a legal hold keeps {due.held:,}."
    if due.because:
        yield f"No day yet, because: {', '.join(f'{why} ({n:,})' for why, n in due.because.items())}."
    if due.unreckoned:
        yield f"{due.unreckoned:,} records have not been reckoned yet; the worker does it once a day."
