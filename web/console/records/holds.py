"""Legal holds: which are on, what they cover; setting one; lifting one in two steps by two people (docs/holds.md)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from vault.holds import setting
from vault.holds.coverage import records_of
from vault.models import LegalHold, MirroredHold, TargetKind, VaultObject
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.records.asking import acting, ask
from web.console.records.calling import called
from web.console.records.forms import HoldForm, SeenForm, WhyForm
from web.pages.templatetags.pages import by, plural

SIZE, SHOWN = 50, 20


@permits(Action.HOLDS_SEE)
@in_sentences
def holds(request: HttpRequest) -> HttpResponse:
    """Those that are on, the one to be looked at first on top; or those that were lifted, newest first."""
    lifted = request.GET.get("lifted") == "1"
    looked(request, "holds listed")
    rows, before = LegalHold.objects.filter(lifted_at__isnull=not lifted), request.GET.get("before", "")
    if lifted and before:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id" if lifted else "review_on", "id")[: SIZE + 1])
    older = "?" + urlencode({"lifted": "1", "before": str(found[SIZE - 1].pk)}) if lifted and len(found) > SIZE else ""
    context = {"title": "Legal holds", "rows": found[:SIZE], "lifted": lifted, "older": older}
    context |= {"today": acting(request).today, "more": not lifted and len(found) > SIZE, "size": SIZE}
    return render(request, "console/records/holds.html", context | _may(request))


@permits(Action.HOLDS_SEE)
@in_sentences
def one(request: HttpRequest, hold: str) -> HttpResponse:
    """Why, by whom, on what, what it covers, and whether the object store has been told."""
    row = _hold(hold)
    looked(request, "hold shown", hold=row.id)
    targets = list(row.targets.order_by("kind", "value"))
    known = called({t.value for t in targets if t.kind == TargetKind.PERSON})
    covered = records_of(row)
    files = VaultObject.objects.filter(record__in=covered)
    context = {
        "title": row.reference,
        "hold": row,
        "on": [(t.kind, known.get(t.value, t.value) if t.kind == TargetKind.PERSON else t.value) for t in targets],
        "covered": covered.count(),
        "files": files.count(),
        "mirrored": MirroredHold.objects.filter(object__in=files, read_back_at__isnull=False).count(),
        "records": list(covered.order_by("-id").values_list("id", "state")[:SHOWN]),
        "late": row.lifted_at is None and row.review_on <= acting(request).today,
        "asked_by_me": row.lift_asked_by == who(request).actor,
    }
    return render(request, "console/records/hold.html", context | _may(request))


@permits(Action.HOLDS_CHANGE)
@in_sentences
def new(request: HttpRequest) -> HttpResponse:
    """Put one on."""

    def do(form: HoldForm) -> str:
        given, by = form.cleaned_data, acting(request)
        incident = given["incident"].strip()
        targets = {
            TargetKind.PERSON: given["person"],
            TargetKind.RECORD: given["record"],
            TargetKind.INCIDENT: [incident] if incident else [],
        }
        wanted = setting.NewHold(given["reason"], given["reference"], given["review"], targets)
        done = setting.set_hold(wanted, by.actor, by.now)
        late = f" Too late for {', '.join(done.too_late)}: its destruction had begun." if done.too_late else ""
        return f"The hold is on. It covers {plural(done.covered, 'record')} by now.{late}"

    lines = (
        "From then on nothing that it covers is destroyed. To hold what a saved search finds, use the command line.",
    )
    return ask(request, HoldForm, do, reverse("holds"), "Set a hold", lines=lines)


@permits(Action.HOLDS_CHANGE)
@in_sentences
def ask_to_lift(request: HttpRequest, hold: str) -> HttpResponse:
    """The first step."""
    row = _hold(hold)

    def do(form: WhyForm) -> str:
        by = acting(request)
        setting.ask_to_lift(row.id, form.cleaned_data["why"], by.actor, by.now)
        return "Asked. Another records officer has to lift it."

    more = {"caption": row.reference, "lines": ("A second person lifts it; until then it stays on.",)}
    return ask(request, WhyForm, do, _back(row), "Ask for this hold to be lifted", **more)


@permits(Action.HOLDS_CHANGE, sudo=True)
@in_sentences
def lift(request: HttpRequest, hold: str) -> HttpResponse:
    """The second step, by a second person."""
    row = _hold(hold)

    def do(_: SeenForm) -> str:
        by = acting(request)
        setting.lift(row.id, by.actor, by.now)
        return "The hold is lifted. Other holds on the same records stay."

    asked = (
        f"{by(row.lift_asked_by)} asked for it: {row.lift_reason}"
        if row.lift_asked_by
        else "Nobody has asked for it yet."
    )
    more: dict[str, Any] = {"caption": row.reference, "lines": (asked,), "danger": True}
    more["warning"] = "What no other hold keeps may be destroyed from then on, when its retention has run out."
    return ask(request, SeenForm, do, _back(row), "Lift this hold", **more)


def _hold(ident: str) -> LegalHold:
    row = LegalHold.objects.filter(pk=ident).first()
    if row is None:
        raise Http404
    return row


def _back(row: LegalHold) -> str:
    return reverse("hold", args=[row.pk])


def _may(request: HttpRequest) -> dict[str, bool]:
    return {"may_change": may(who(request), Action.HOLDS_CHANGE)}
