"""Carrying out what two people approved: the key holder does it, which alone reaches the vault's store."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vault.errands import asking
from vault.errands.asking import Wanted
from vault.models import DisposalBatch, DisposalCertificate, ErrandKind, ErrandState
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits
from web.console.may import Action
from web.console.records.asking import acting

_BUSY = {ErrandState.ASKED, ErrandState.TAKEN}


@permits(Action.DISPOSAL_EXECUTE, sudo=True)
@in_sentences
def execute(request: HttpRequest, batch: str) -> HttpResponse:
    """Asks for it. What is approved is looked at again when it is done, line by line."""
    row = _batch(batch)
    if request.method != "POST":
        return HttpResponseRedirect(reverse("disposal", args=[row.pk]))
    asking.ask(Wanted(ErrandKind.DISPOSAL, row.pk), acting(request, "two people approved it"))
    return HttpResponseRedirect(reverse("disposal-progress", args=[row.pk]))


@permits(Action.DISPOSAL_SEE)
@in_sentences
def progress(request: HttpRequest, batch: str) -> HttpResponse:
    """How far it is, and what became of it."""
    row, now = asking.newest(ErrandKind.DISPOSAL, _batch(batch).pk), clock.now()
    if row is None:
        raise Http404
    busy = row.state in _BUSY and not asking.is_over(row, now)
    if request.method == "HEAD":  # a script asks whether it is done
        return HttpResponse(status=202 if busy else 200)
    looked(request, "disposal shown", proposal=row.target, step="progress")
    said = {
        "title": "Carrying out a disposal",
        "row": row,
        "busy": busy,
        "there": asking.is_holder_there(now),
        "certificates": list(DisposalCertificate.objects.filter(batch=row.target).order_by("id")),
    }
    return render(request, "console/records/progress.html", said, status=202 if busy else 200)


def _batch(ident: str) -> DisposalBatch:
    found = DisposalBatch.objects.filter(pk=ident).first()
    if found is None:
        raise Http404
    return found
