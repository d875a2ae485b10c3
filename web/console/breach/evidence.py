"""The evidence of an incident: one person asks, another agrees, the key holder packs; the page hands out a sealed file.

Nobody here can read it: it is sealed to its receiver's key before it comes to these pages.
"""

from __future__ import annotations

import shlex
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.disposal import may_be_one
from vault.errands import asking
from vault.errands.asking import Wanted
from vault.models import BundleKind, Errand, ErrandKind, ErrandState, HandedOver, IncidentRecord
from web import clock
from web.console.answering import in_sentences
from web.console.breach.incident_forms import BundleForm
from web.console.breach.incidents import found
from web.console.breach.noting import acting, looked
from web.console.doors import permits, who
from web.console.may import Action, may
from web.pages.templatetags.pages import by


@permits(Action.EVIDENCE_ASK, sudo=True)
@in_sentences
def bundle(request: HttpRequest, reference: str) -> HttpResponse:
    """What it would hold, for whom; what was handed over before."""
    row = found(reference)
    form = BundleForm(row, request.POST if request.method == "POST" else None)
    wrong = request.method == "POST" and not form.is_valid()
    if request.method == "POST" and not wrong:
        data = form.cleaned_data
        wanted = Wanted(ErrandKind.EVIDENCE, row.reference, receiver=data["key"])
        errand = asking.ask(wanted, acting(request, data["purpose"]))
        return HttpResponseRedirect(reverse("evidence", args=[errand.pk]))
    looked(request, "incident shown", incident=row.reference, step="bundle")
    handed = HandedOver.objects.filter(kind=BundleKind.INCIDENT, reference=row.reference).order_by("-made_at")
    said = {
        "title": "Hand over the evidence",
        "caption": row.reference,
        "row": row,
        "form": form,
        "records": IncidentRecord.objects.filter(incident=row.reference).count(),
        "last": asking.newest(ErrandKind.EVIDENCE, row.reference),
        "handed": [{"at": h.made_at, "by": by(h.made_by), "row": h} for h in handed],
    }
    return render(request, "console/breach/bundle.html", said, status=422 if wrong else 200)


@permits(Action.EVIDENCE_AGREE)
@in_sentences
def one(request: HttpRequest, errand: str) -> HttpResponse:
    """How far it is; whoever may agree sees what they agree to."""
    row = _errand(errand)
    now, me = clock.now(), who(request)
    busy = row.state in {ErrandState.ASKED, ErrandState.TAKEN} and not asking.is_over(row, now)
    if request.method == "HEAD":  # a script asks whether it is done
        return HttpResponse(status=202 if busy else 200)
    looked(request, "evidence looked at", incident=row.target, errand=row.pk)
    said = {
        "title": "The evidence of an incident",
        "caption": row.target,
        "row": row,
        "asked_by": by(row.asked_by),
        "agreed_by": by(row.agreed_by) if row.agreed_by else "",
        "records": IncidentRecord.objects.filter(incident=row.target).count(),
        "mine": may_be_one(me.actor, row.asked_by),
        "over": asking.is_over(row, now),
        "there": asking.is_holder_there(now),
        "command": command(row),
        "incident": may(me, Action.INCIDENT_WORK),
        "busy": busy,
    }
    return render(request, "console/breach/evidence.html", said, status=202 if busy else 200)


@permits(Action.EVIDENCE_AGREE, sudo=True)
@in_sentences
def agree(request: HttpRequest, errand: str) -> HttpResponse:
    """The second person."""
    row = _errand(errand)
    if request.method == "POST":
        asking.agree(row, acting(request, row.why))
        messages.success(request, "You agreed. The key holder makes the file now.")
    return HttpResponseRedirect(reverse("evidence", args=[row.pk]))


@permits(Action.EVIDENCE_AGREE)
@in_sentences
def take_back(request: HttpRequest, errand: str) -> HttpResponse:
    """Not wanted any more: by who asked, or by who does not agree."""
    row = _errand(errand)
    if request.method == "POST":
        asking.take_back(row, acting(request, row.why))
        messages.success(request, "It is not made.")
    return HttpResponseRedirect(reverse("evidence", args=[row.pk]))


@permits(Action.EVIDENCE_ASK)
@in_sentences
def file(request: HttpRequest, errand: str) -> Any:
    """The sealed file, while it lasts."""
    row = _errand(errand)
    if not row.file_name or asking.is_over(row, clock.now()):
        raise Http404
    looked(request, "evidence fetched", incident=row.target, errand=row.pk)
    headers = {"Content-Disposition": f'attachment; filename="{row.file_name}"', "Content-Security-Policy": "sandbox"}
    return StreamingHttpResponse(asking.file_of(row), content_type="application/octet-stream", headers=headers)


def command(row: Errand) -> str:
    """The same on the command line; whatever was typed is one word of it."""
    words = ["sallyport", "export", "incident", "--reference", row.target, "--purpose", row.why]
    return shlex.join([*words, "--to", row.receiver, "-i", "records.age-key", "-i", "service.age-key"])


def _errand(ident: str) -> Errand:
    row = asking.find(ident.upper(), ErrandKind.EVIDENCE)
    if row is None:
        raise Http404
    return row
