"""The start page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.console.doors import permits, who
from web.console.may import Action


@permits(Action.START)
def start(request: HttpRequest) -> HttpResponse:
    """What waits for whoever looks."""
    return render(request, "console/start.html", {"title": "Start", "who": who(request)})
