"""Teams of officers: who works in which; named and renamed by the records officer."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.here import HERE
from register import models as m
from register import recording, timeline
from register.models.recorded import valid_on
from web import clock
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.register.change import Change, RowForm, answer
from web.console.register.fields import text, why
from web.console.register.looks import looked


class TeamForm(RowForm):
    """Its name."""

    name = text("Name", required="Type its name.", longest=200)
    why = why()

    def __init__(self, *args: Any, row: m.Team, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial = {"name": row.name}


_CHANGE = Change(
    "Change a team", TeamForm, lambda row, said, now: recording.change_team(row.code, said["name"], now),
    "It is recorded.", ("Who works in it is said on each officer's own page.",),
)  # fmt: skip


@permits(Action.REGISTER_SEE)
def teams(request: HttpRequest) -> HttpResponse:
    """All of them, with who is in them today."""
    looked(request, "teams listed")
    today = clock.now().astimezone(HERE).date()
    serving = Prefetch("officers", m.Party.objects.filter(valid_on(today)).order_by("name"), to_attr="serving")
    context = {
        "title": "Teams", "rows": m.Team.objects.prefetch_related(serving).order_by("name", "code"),
        "may_change": may(who(request), Action.ORGANISATIONS_CHANGE),
    }  # fmt: skip
    return render(request, "console/register/teams.html", context)


@permits(Action.REGISTER_SEE)
def history(request: HttpRequest, key: int) -> HttpResponse:
    """All that was recorded about one, the newest first."""
    row = _one(key)
    looked(request, "team's history shown", team=row.code)
    context = {"title": f"History of {row.name or row.code}", "entries": timeline.of_team(row), "back_team": row}
    return render(request, "console/register/history.html", context)


@permits(Action.ORGANISATIONS_CHANGE)
def change(request: HttpRequest, key: int) -> HttpResponse:
    """What it is called."""
    row = _one(key)
    return answer(request, _CHANGE, row, reverse("register-teams"), row.code)


def _one(key: int) -> m.Team:
    """Raises ``Http404``."""
    found: m.Team | None = m.Team.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found
