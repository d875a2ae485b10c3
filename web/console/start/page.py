"""The page itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.here import HERE
from vault import week
from vault.week import Day
from web import clock
from web.console.doors import permits, who
from web.console.may import Action
from web.console.start import picture, tasks

_MOST_REASONS = 6


@permits(Action.START)
def start(request: HttpRequest) -> HttpResponse:
    """What waits for whoever looks. It names nobody, so the looking is not recorded."""
    now = clock.now()
    days = week.days(now.astimezone(HERE).date())
    reasons = week.held_by_reason(now - timedelta(days=7)).most_common(_MOST_REASONS)
    told: dict[str, Any] = {"title": "Start", "tasks": tasks.of(who(request), now), "picture": picture.draw(days)}
    told |= {"kinds": picture.KINDS, "rows": _rows(days), "totals": _totals(days), "reasons": reasons}
    told["name"] = request.user.name  # type: ignore[union-attr]
    return render(request, "console/start.html", told)


def _rows(days: Sequence[Day]) -> list[tuple[Day, list[int]]]:
    return [(day, [day.counts.get(action, 0) for action, _, _ in picture.KINDS]) for day in days]


def _totals(days: Sequence[Day]) -> list[int]:
    return [sum(day.counts.get(action, 0) for day in days) for action, _, _ in picture.KINDS]
