"""What waits for a records officer, and what is late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.access_request import State
from domain.access_words import days
from domain.disposal import LineState
from vault.export import cases
from vault.models import DisposalLine, InspectorAccess, LegalHold, RecordState, RetentionState
from web.console.answering import in_sentences
from web.console.doors import permits
from web.console.may import Action
from web.console.records.asking import acting
from web.pages.templatetags.pages import plural


@permits(Action.REQUESTS_SEE)
@in_sentences
def front(request: HttpRequest) -> HttpResponse:
    """A line for each kind of work, with a link to it."""
    today = acting(request).today
    lines = [_requests(today), _holds(today), _disposal(), _overdue(today), _inspectors(acting(request).now)]
    return render(request, "console/records/front.html", {"title": "Records", "lines": lines})


def _requests(today: Any) -> dict[str, Any]:
    found = cases.still_open()
    clocks = cases.standings(found, cases.bank_holidays(today), today).values()
    late = sum(c.state is State.OVERDUE for c in clocks)
    lefts = [c.days_left for c in clocks if c.days_left is not None]
    says = f"{len(found)} open" + (f"; the next is due in {days(max(min(lefts), 0))}" if lefts and not late else "")
    return _told("Requests for access", "requests", says, f"{late} overdue" if late else "")


def _holds(today: Any) -> dict[str, Any]:
    on = LegalHold.objects.filter(lifted_at=None)
    asked, late = on.exclude(lift_asked_by="").count(), on.filter(review_on__lte=today).count()
    says = f"{on.count()} on" + (f"; {asked} to be lifted by a second person" if asked else "")
    return _told("Legal holds", "holds", says, f"{late} late to be looked at" if late else "")


def _disposal() -> dict[str, Any]:
    waiting = DisposalLine.objects.filter(state=LineState.OPEN).count()
    return _told(
        "Disposal",
        "disposals",
        f"{plural(waiting, 'line')} to be approved by two people" if waiting else "nothing waits",
    )


def _overdue(today: Any) -> dict[str, Any]:
    rows = RetentionState.objects.filter(until__lte=today, record__state=RecordState.FILED)
    return _told("What falls due", "retention", f"run out: {plural(rows.count(), 'record')}")


def _inspectors(now: datetime) -> dict[str, Any]:
    open_ = InspectorAccess.objects.filter(ended_at=None, until__gt=now).count()
    return _told("Inspectors' access", "inspectors", f"{open_} open" if open_ else "none is open")


def _told(what: str, name: str, says: str, late: str = "") -> dict[str, Any]:
    return {"what": what, "href": reverse(name), "says": says, "late": late}
