"""The evidence of an incident: a ready command, because these pages hold no key that opens a mail."""

from __future__ import annotations

import shlex

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from vault.models import BundleKind, HandedOver, IncidentRecord
from web.console.breach.incident_forms import BundleForm
from web.console.breach.incidents import found
from web.console.breach.noting import looked
from web.console.breach.shown import by
from web.console.doors import permits
from web.console.may import Action


@permits(Action.INCIDENT_WORK)
def bundle(request: HttpRequest, reference: str) -> HttpResponse:
    """What it would hold, the command for it, and what was handed over before."""
    row = found(reference)
    form = BundleForm(row, request.POST if request.method == "POST" else None)
    wrong = request.method == "POST" and not form.is_valid()
    looked(request, "incident shown", incident=row.reference, step="bundle")
    handed = HandedOver.objects.filter(kind=BundleKind.INCIDENT, reference=row.reference).order_by("-made_at")
    said = {
        "title": "Hand over the evidence",
        "caption": row.reference,
        "row": row,
        "form": form,
        "records": IncidentRecord.objects.filter(incident=row.reference).count(),
        "command": command(row.reference, form) if request.method == "POST" and not wrong else "",
        "handed": [{"at": h.made_at, "by": by(h.made_by), "row": h} for h in handed],
    }
    return render(request, "console/breach/bundle.html", said, status=422 if wrong else 200)


def command(reference: str, form: BundleForm) -> str:
    """Whatever was typed is one word of it."""
    data = form.cleaned_data
    words = ["sallyport", "export", "incident", "--reference", reference, "--purpose", data["purpose"]]
    return shlex.join([*words, "--to", data["key"], "-i", "records.age-key", "-i", "service.age-key"])
