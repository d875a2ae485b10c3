"""The queue: what waits, oldest first, and what of it somebody asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.model import folded
from register import persons
from register.persons import Someone
from vault.held import history, words
from vault.held.waiting import Waiting, waiting
from web import clock
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.seeing import saw

_A_PAGE = 25
_AGES = (("", "Any time"), ("1", "More than a day"), ("3", "More than 3 days"), ("7", "More than a week"))


class Filters(forms.Form):
    """What is asked for. All of them may be left open."""

    reason = forms.ChoiceField(required=False, label="Reason")
    person = forms.CharField(required=False, label="Council ID", max_length=32)
    officer = forms.CharField(required=False, label="From", max_length=320)
    age = forms.ChoiceField(required=False, label="Waiting", choices=_AGES)

    def __init__(self, rows: Iterable[Waiting], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = sorted({(r.rule, r.why) for row in rows for r in row.decision.decisive}, key=lambda each: each[1])
        self.fields["reason"].choices = [("", "Any reason"), *found]  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the queue."""

    row: Waiting
    why: str
    stands: str
    people: tuple[str, ...]


@permits(Action.HELD_LIST)
def queue(request: HttpRequest) -> HttpResponse:
    """Everything that waits; the listing is in the audit trail."""
    now, everything = clock.now(), waiting()
    form = Filters(everything, request.GET)
    found = _asked_for(everything, form.cleaned_data if form.is_valid() else {}, now=now)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    saw(request, "held mails listed", count=len(page.object_list))
    known = persons.by_ref({ref for row in page.object_list for ref in row.people})
    lines = [_line(row, known) for row in page.object_list]
    told: dict[str, Any] = {"title": "Held mail", "form": form, "lines": lines, "page": page, "now": now}
    told |= {"total": len(everything), "found": len(found), "received": history.last_received()}
    told |= {"may_open": may(who(request), Action.HELD_OPEN), "query": _query(request)}
    told["may_look"] = may(who(request), Action.RECORD_LOOK)
    return render(request, "console/held/queue.html", told)


def _line(row: Waiting, known: Mapping[str, Someone]) -> Line:
    people = tuple(sorted(str(known[ref]) for ref in row.people if ref in known))
    return Line(row, words.why(row.decision), words.stands(row), people)


def _asked_for(rows: list[Waiting], said: Mapping[str, Any], *, now: Any) -> list[Waiting]:
    if reason := said.get("reason"):
        rows = [r for r in rows if reason in {each.rule for each in r.decision.decisive}]
    if number := said.get("person"):
        refs = {s.ref for s in persons.by_council_id([number]).values()}
        rows = [r for r in rows if r.people & refs]
    if officer := said.get("officer"):
        rows = [r for r in rows if folded(officer.strip()) in folded(r.sender)]
    if age := said.get("age"):
        rows = [r for r in rows if now - r.held_at > timedelta(days=int(age))]
    return rows


def _query(request: HttpRequest) -> str:
    """The filters again, for the links to other pages."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()
