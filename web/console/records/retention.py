"""What falls due in which year: the yearly plan as a picture, with its numbers in a table beneath."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from domain.retention import day_of
from domain.retention_plan import Plan, plan
from domain.retention_words import label, said
from vault.retention import planning
from vault.retention.picture import HEADS, draw
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits
from web.console.may import Action

YEARS = 10
KEPT = timedelta(minutes=10)
"""Counting a million records takes seconds, and they are reckoned once a day: a count is shown again for so long."""
_COUNTED: list[tuple[datetime, planning.Due]] = []


@permits(Action.RETENTION_SEE)
@in_sentences
def due(request: HttpRequest) -> HttpResponse:
    """The plan."""
    looked(request, "retention plan shown")
    at, counted = _counted(clock.now(), anew="anew" in request.GET)
    today = day_of(at)
    found = plan(counted.falls, today, YEARS)
    context: dict[str, Any] = {
        "title": "What falls due",
        "at": at,
        "rows": _rows(found),
        "any": any(found.totals),
        "remarks": list(planning.remarks(counted)),
        "picture": mark_safe(draw(found, f"What falls due, as of {said(today)}")),  # noqa: S308 - our own drawing; every text in it is escaped
    }
    return render(request, "console/records/retention.html", context)


def _counted(now: datetime, *, anew: bool) -> tuple[datetime, planning.Due]:
    if anew or not _COUNTED or now - _COUNTED[0][0] > KEPT:
        _COUNTED[:] = [(now, planning.read(day_of(now)))]
    return _COUNTED[0]


def _rows(found: Plan) -> list[tuple[str, int, str]]:
    """When, how many, and of which classes; years in which nothing runs out are left out."""
    rows = []
    for n, (column, total) in enumerate(zip(found.columns, found.totals, strict=True)):
        parts = sorted(
            ((counts[n], label(name)) for name, counts in found.rows if counts[n]), key=lambda p: (-p[0], p[1])
        )
        if total:
            rows.append((HEADS.get(column, column), total, ", ".join(f"{number:,} {name}" for number, name in parts)))
    return rows
