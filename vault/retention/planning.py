"""Counts of what falls due, by the state that was reckoned last; each statement groups in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractYear

from domain.errors import VaultUnavailable
from domain.retention_plan import Falls
from vault.models import RecordState, RetentionState, VaultRecord
from vault.rows import reading


def falls_due(today: date) -> list[Falls]:
    """Of every filed record that has been reckoned: its governing class, and the year in which it runs out."""
    with reading(VaultUnavailable):
        coming = _filed().filter(until__gt=today).annotate(year=ExtractYear("until"))
        by_year = coming.values_list("record_class", "year").annotate(n=Count("record"))
        found = [Falls(name, year, n) for name, year, n in by_year.order_by("record_class", "year")]
        overdue = _filed().filter(until__lte=today).values_list("record_class").annotate(n=Count("record"))
        found += [Falls(name, today.year, n, overdue=True) for name, n in overdue.order_by("record_class")]
        open_ = _filed().filter(until=None).values_list("record_class").annotate(n=Count("record"))
        return found + [Falls(name, None, n) for name, n in open_.order_by("record_class")]


def open_because() -> Mapping[str, int]:
    """How many have no day yet, by why."""
    with reading(VaultUnavailable):
        found = _filed().filter(until=None).values_list("event").annotate(n=Count("record"))
        return dict(found.order_by("-n", "event"))


def unreckoned() -> int:
    """Filed since the last pass."""
    with reading(VaultUnavailable):
        return VaultRecord.objects.filter(state=RecordState.FILED, retention=None).count()


def _filed() -> QuerySet[RetentionState]:
    return RetentionState.objects.filter(record__state=RecordState.FILED)
