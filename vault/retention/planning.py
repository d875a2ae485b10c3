"""Counts of what falls due, by the state that was reckoned last: one statement, grouped in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Case, Count, Value, When
from django.db.models.functions import ExtractYear

from domain.errors import VaultUnavailable
from domain.retention_plan import Falls
from vault.holds import coverage
from vault.models import RecordState, RetentionState, VaultRecord
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
    overdue = Case(When(until__lte=today, then=Value(True)), default=Value(False), output_field=BooleanField())  # noqa: FBT003 - SQL
    rows = RetentionState.objects.filter(record__state=RecordState.FILED)
    grouped = rows.annotate(year=ExtractYear("until"), overdue=overdue).values_list(
        "record_class", "year", "overdue", "event"
    )
    falls: Counter[tuple[str, int | None, bool]] = Counter()
    because: Counter[str] = Counter()
    with reading(VaultUnavailable):
        for name, year, late, event, number in grouped.annotate(n=Count("record")).order_by():
            falls[name, year, bool(late)] += number
            if year is None:
                because[event] += number
        held = VaultRecord.objects.filter(
            coverage.is_held(), state=RecordState.FILED, retention__until__lte=today
        ).count()
        filed = VaultRecord.objects.filter(state=RecordState.FILED).count()
    found = tuple(Falls(name, year, number, late) for (name, year, late), number in sorted(falls.items(), key=str))
    return Due(found, dict(because.most_common()), max(filed - falls.total(), 0), held)
