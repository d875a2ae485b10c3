"""A code read out on the telephone for a page that waits: how did you make sure who rings? Then it is shown."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.pickup import CODE_LASTS
from vault.models import PickupGrant
from vault.pickup import helping
from web import clock
from web.console.doors import who
from web.console.outside import outside
from web.console.register.looks import sent
from web.console.sent.forms import CallerForm

_TRUST = "Do not trust the number that is shown: it can be made up. Ring back the number that the register has."


def read_out(request: HttpRequest, row: PickupGrant, name: str, back: str) -> HttpResponse:
    """The question, then the code, this once."""
    form = CallerForm(sent(request))
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        made = helping.read_out(row, outside().stands(row, now), outside().codes(), who(request).actor, form.why, now)
        context = {"title": "Read out this code", "code": made, "until": now + CODE_LASTS, "row": row, "back": back}
        return render(request, "console/sent/code.html", context)
    lines = (f"For {name}. Whoever has the link and this code reads the page.", _TRUST)
    context = {"title": "Read out a code on the telephone", "form": form, "button": "Show the code", "lines": lines}
    return render(request, "console/ask.html", context | {"back": back}, status=422 if form.errors else 200)
