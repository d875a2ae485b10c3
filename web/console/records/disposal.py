"""Disposal: what is proposed, seen line by line, approved by two people or kept; the certificates (docs/disposal.md).

What is approved is what was on the page: its code goes along with the button. Destroying: ``carrying_out.py``.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from domain.disposal import LineState, is_person, may_be_one
from domain.retention_words import label
from vault.disposal import approving, proposing, rendering
from vault.disposal.approving import STANDS_IN_THE_WAY, Shown, Sight
from vault.errands import asking
from vault.models import DisposalBatch, DisposalCertificate, DisposalLine, ErrandKind
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.may import Action
from web.console.outside import outside
from web.console.records.asking import acting, ask
from web.console.records.calling import called
from web.console.records.forms import KeepForm, SeenForm
from web.pages.templatetags.pages import day, plural

SIZE = 25


@permits(Action.DISPOSAL_SEE)
@in_sentences
def proposals(request: HttpRequest) -> HttpResponse:
    """Newest first, with how many lines are open, kept, on their way, or gone."""
    looked(request, "disposals listed")
    rows = DisposalBatch.objects.prefetch_related("certificates").order_by("-id")
    if request.GET.get("before"):
        rows = rows.filter(id__lt=request.GET["before"])
    found = list(rows[: SIZE + 1])
    counts: dict[str, list[str]] = {}
    lines = DisposalLine.objects.filter(batch__in=found[:SIZE])
    for batch, state, number in lines.values_list("batch", "state").annotate(n=Count("pk")).order_by("batch", "state"):
        counts.setdefault(batch, []).append(f"{number} {_STATES[LineState(state)]}")
    shown = [{"batch": b, "counts": ", ".join(counts.get(b.pk, ()))} for b in found[:SIZE]]
    older = "?" + urlencode({"before": found[SIZE - 1].pk}) if len(found) > SIZE else ""
    return render(request, "console/records/disposals.html", {"title": "Disposal", "rows": shown, "older": older})


_STATES = {
    LineState.OPEN: "open",
    LineState.REFUSED: "kept",
    LineState.BEGUN: "begun",
    LineState.ERASED: "erased",
    LineState.DISPOSED: "destroyed",
}


@permits(Action.DISPOSAL_SEE)
@in_sentences
def one(request: HttpRequest, batch: str) -> HttpResponse:
    """Every line of one: what it is, by what rule it may go, who approved, what stands in the way."""
    sight = _look(request, batch)
    people = {str(p) for x in sight.lines for p in _people(x)}
    known = called(people)
    lines = [_line(x, known) for x in sight.lines]
    open_ = [x for x in sight.lines if x.row.state == LineState.OPEN]
    me = who(request).actor
    mine = any(may_be_one(me, by) for x in open_ for by in x.approvers)
    context = {
        "title": "A proposal",
        "batch": sight.batch,
        "lines": lines,
        "can_go": sum(line["can_go"] for line in lines),
        "approved": bool(open_) and all(not x.obstacles for x in open_ if _can_go(x)) and any(map(_can_go, open_)),
        "mine": is_person(sight.batch.proposed_by) and may_be_one(me, sight.batch.proposed_by),
        "approved_by_me": mine,
        "code": sight.code,
        "errand": asking.newest(ErrandKind.DISPOSAL, sight.batch.pk),
        "certificates": list(sight.batch.certificates.order_by("id")),
    }
    return render(request, "console/records/disposal.html", context)


@permits(Action.DISPOSAL_DECIDE)
@in_sentences
def propose(request: HttpRequest) -> HttpResponse:
    """Make a proposal of what has run out. Who proposes cannot approve."""

    def do(_: SeenForm) -> str:
        by = acting(request)
        done = proposing.propose(outside().viewer(), by.actor, by.now, proposing.MOST)
        if not done.batch:
            return "Nothing has run out that could be proposed."
        what = f"{plural(done.records, 'record')} and {plural(done.keys, 'key')}"
        return f"Proposed: {what}. Two other people have to approve."

    lines = (
        "The worker proposes by itself. If you propose, you cannot approve: it takes two other people.",
        "Nothing is proposed that is on hold, or about somebody whose request for access is open.",
    )
    return ask(request, SeenForm, do, reverse("disposals"), "Propose what has run out", lines=lines)


@permits(Action.DISPOSAL_DECIDE, sudo=True)
@in_sentences
def approve(request: HttpRequest, batch: str) -> HttpResponse:
    """One person's approval of what was on the page; it takes two."""
    back = reverse("disposal", args=[batch])
    if request.method == "POST" and request.POST.get("seen"):
        by = acting(request)
        number = approving.approve(batch, request.POST["seen"], outside().viewer(), by.actor, by.now, outside().lasts())
        messages.success(request, f"You approved {plural(number, 'line')}. Each needs two people.")
    elif not DisposalBatch.objects.filter(pk=batch).exists():
        raise Http404
    return HttpResponseRedirect(back)


@permits(Action.DISPOSAL_DECIDE)
@in_sentences
def keep(request: HttpRequest, batch: str, number: int) -> HttpResponse:
    """A line stays, with a reason, until a day."""
    row = DisposalLine.objects.filter(batch=batch, pk=number).first()
    if row is None:
        raise Http404
    name = proposing.name(row)

    def do(form: KeepForm) -> str:
        given, by = form.cleaned_data, acting(request)
        approving.refuse(batch, name, given["why"], given["until"], by.actor, by.now)
        return "It is kept, and is not proposed again before that day."

    return ask(request, KeepForm, do, reverse("disposal", args=[batch]), "Keep this longer", caption=name)


@permits(Action.DISPOSAL_SEE)
@in_sentences
def certificate(request: HttpRequest, ident: str) -> HttpResponse:
    """What was destroyed, by what rule, who approved it, and what the store listed afterwards."""
    row = DisposalCertificate.objects.filter(pk=ident).first()
    if row is None:
        raise Http404
    looked(request, "certificate shown", certificate=row.id)
    blocks = rendering.rows(json.loads(row.content))
    context = {"title": "Certificate of destruction", "certificate": row, "blocks": blocks}
    return render(request, "console/records/certificate.html", context)


def _look(request: HttpRequest, batch: str) -> Sight:
    if not DisposalBatch.objects.filter(pk=batch).exists():
        raise Http404
    looked(request, "disposal shown", proposal=batch)
    return approving.look(batch, outside().viewer(), acting(request).now)


def _can_go(line: Shown) -> bool:
    return line.row.state == LineState.OPEN and not STANDS_IN_THE_WAY & set(line.obstacles)


def _people(line: Shown) -> list[str]:
    facts: dict[str, Any] = dict(line.facts)
    return [facts["person"]] if line.row.key_id else list(facts["people"])


def _line(line: Shown, known: Any) -> dict[str, Any]:
    facts: dict[str, Any] = dict(line.facts)
    told = {
        "pk": line.row.pk,
        "name": proposing.name(line.row),
        "about": "; ".join(known[p] for p in _people(line)) or "nobody in the register",
        "state": _STATES[LineState(line.row.state)],
        "open": line.row.state == LineState.OPEN,
        "approvers": line.approvers,
        "obstacles": [str(o) for o in line.obstacles] or [p for p in (line.row.problem,) if p],
        "kept": line.row.refusal and f"kept until {day(line.row.keep_until)}: {line.row.refusal}",
        "can_go": _can_go(line),
    }
    if line.row.key_id:
        gone = facts["records disposed of"]
        return told | {"what": "key", "rule": f"all {gone} records sealed to it are destroyed", "source": ""}
    rule, files = facts["rule"], facts["objects"]
    what = ", ".join(label(c) for c in facts["classes"])
    size = f"{len(files)} {'file' if len(files) == 1 else 'files'}, {sum(f['size'] for f in files):,} bytes"
    return told | {"what": f"{what}; {size}", "rule": _since(rule), "source": rule["source"]}


def _since(rule: dict[str, Any]) -> str:
    """What it counts from may not have come (any more): somebody is in care again, and it was proposed before."""
    years = f"{rule['years']} years from {rule['event']}"
    if not (rule["day"] and rule["until"]):
        return f"{years}, which has no day yet"
    began, ends = (day(date.fromisoformat(rule[name])) for name in ("day", "until"))
    return f"{years} on {began}: may go from {ends} on"
