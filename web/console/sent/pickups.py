"""What an officer does about mail of their own that waits to be picked up: close it, send it again, read out a code."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from domain.pickup import CODE_LASTS
from vault.models import PickupGrant
from vault.pickup import helping, history
from web import clock
from web.console.answering import in_sentences
from web.console.doors import permits, who
from web.console.may import Action
from web.console.outside import outside
from web.console.sent.forms import CallerForm, WhyForm
from web.console.sent.views import own_mail, status


@permits(Action.SENT_ACT)
@in_sentences
def revoke(request: HttpRequest, record: str, grant: str) -> HttpResponse:
    """Close it, now."""
    row = _own(request, record, grant)

    def done(why: str) -> str:
        helping.close(row, who(request).actor, why, clock.now())
        return f"Closed: nobody opens it any more. So far: {history.summary(row)}."

    warning = "Whoever has saved a copy keeps it: that cannot be taken back."
    return _with_reason(request, row, "Close this pick-up", done, warning=warning, danger=True)


@permits(Action.SENT_ACT)
@in_sentences
def resend(request: HttpRequest, record: str, grant: str) -> HttpResponse:
    """The notice once more."""
    row = _own(request, record, grant)

    def done(why: str) -> str:
        now = clock.now()
        helping.send_again(row, outside().stands(row, now), outside().resend, who(request).actor, why, now)
        return "The notice has left again, with a new link. The old link opens nothing any more."

    return _with_reason(request, row, "Send the notice again", done)


@permits(Action.SENT_ACT, sudo=True)
@in_sentences
def code(request: HttpRequest, record: str, grant: str) -> HttpResponse:
    """A code to read out on the telephone, shown this once."""
    row = _own(request, record, grant)
    form = CallerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now()
        made = helping.read_out(row, outside().stands(row, now), outside().codes(), who(request).actor, form.why, now)
        context = {"title": "Read out this code", "code": made, "until": now + CODE_LASTS, "row": row}
        return render(request, "console/sent/code.html", context)
    lines = (
        f"For {row.recipient}. Whoever has the link and this code reads the mail.",
        "Do not trust the number that is shown: it can be made up. Ring back the number that the register has.",
    )
    context = {"title": "Read out a code on the telephone", "form": form, "button": "Show the code", "lines": lines}
    return render(request, "console/ask.html", context | {"back": _back(row)}, status=status(request))


def _own(request: HttpRequest, record: str, grant: str) -> PickupGrant:
    """Raises ``Http404`` for any but a pick-up of that mail of their own."""
    _, found = own_mail(request, record)
    row = next((g for c in found.copies for g in c.pickups if g.pk == grant), None)
    if row is None:
        raise Http404
    return row


def _back(row: PickupGrant) -> str:
    return reverse("sent-mail", args=[row.record])


def _with_reason(
    request: HttpRequest,
    row: PickupGrant,
    title: str,
    do: Callable[[str], str],
    *,
    warning: str = "",
    danger: bool = False,
) -> HttpResponse:
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        messages.success(request, do(form.cleaned_data["why"]))
        return HttpResponseRedirect(_back(row))
    context = {"title": title, "form": form, "button": title, "back": _back(row), "lines": (f"To {row.recipient}.",)}
    return render(request, "console/ask.html", context | {"warning": warning, "danger": danger}, status=status(request))
