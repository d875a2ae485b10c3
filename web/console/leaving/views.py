"""Partings: the list, one of them, and what an officer does about it. Each officer sees those of their own people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from domain.errors import VaultUnavailable
from domain.here import HERE
from domain.leaving import SIGNED_WITHIN, Copies, Papers, is_all_gone
from domain.model import Category
from register import leaving as register
from vault.leaving import cases
from vault.leaving.cases import Stage
from vault.leaving.shared import links, shared
from vault.models import LeavingCase, PickupGrant
from vault.pickup import history
from vault.rows import reading
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.leaving.forms import AskForm, DoneForm
from web.console.may import Action
from web.console.outside import outside
from web.console.register import scope
from web.console.register.looks import sent
from web.console.sent.reading_out import read_out

_COLOURS = {
    Stage.TO_SEND: "yellow",
    Stage.LEAVES: "grey",
    Stage.WAITS: "blue",
    Stage.SIGNED: "purple",
    Stage.DONE: "green",
}


@permits(Action.REGISTER_SEE)
@in_sentences
def partings(request: HttpRequest) -> HttpResponse:
    """What is open first, the newest first."""
    looked(request, "leavings listed")
    people = dict(scope.people(who(request)).values_list("ref", "council_id"))
    rows = [_row(case) for case in cases.of_people(people)]
    context = {"title": "Placements that ended", "rows": [r for r in rows if r], "days": SIGNED_WITHIN.days}
    return render(request, "console/leaving/list.html", context)


@permits(Action.REGISTER_SEE)
@in_sentences
def parting(request: HttpRequest, number: int) -> HttpResponse:
    """All of it on one page."""
    case, found = _one(request, number)
    looked(request, "leaving looked at", record=case.record, leaving=case.pk, person=case.person)
    now = clock.now()
    told = [(s.on, ", ".join(Category(k).label for k in s.kinds), s.how) for s in shared(case.person, found.addresses)]
    opens = [(row, outside().stands(row, now)) for row in links(case.person, found.addresses)]
    pages = _pages(case)
    context = {
        "title": f"{found.carer} and {found.person}", "case": case, "of": found, "stage": cases.stage(case),
        "colour": _COLOURS[cases.stage(case)], "due": case.ended_on + SIGNED_WITHIN, "shared": told, "links": opens,
        "still": sum(stands.open for _, stands in opens), "clear": _clear(case),
        "pages": [(row, outside().stands(row, now), history.stories([row])[row.pk]) for row in pages],
        "may_change": scope.people(who(request), change=True).filter(ref=case.person).exists(),
    }  # fmt: skip
    return render(request, "console/leaving/one.html", context)


@permits(Action.REGISTER_CHANGE)
@in_sentences
def ask(request: HttpRequest, number: int) -> HttpResponse:
    """The page goes to the carer."""
    case, found = _one(request, number, change=True)
    kept = {"keeps": case.keeps, "agreed_by": case.agreed_by, "agreed_on": case.agreed_on}
    form = AskForm(sent(request), initial=kept)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        cases.ask(case, said["keeps"], said["agreed_by"], said["agreed_on"], who(request).actor, clock.now())
        messages.success(request, "It is on its way. The carer gets a mail with a link, and signs on the page.")
        return HttpResponseRedirect(_url(case))
    lines = (
        f"{found.carer} gets a mail at {found.email}, with a link to the page.",
        f"There they see what we shared about {found.person}, say what is back and what is deleted, and sign.",
        "An earlier page closes, and what was signed on it stays in the vault.",
    )
    return _asked(request, case, form, "Send the carer the page to sign", lines)


@permits(Action.REGISTER_CHANGE)
@in_sentences
def done(request: HttpRequest, number: int) -> HttpResponse:
    """The papers are here."""
    case, found = _one(request, number, change=True)
    form = DoneForm(sent(request), clear=_clear(case))
    if request.method == "POST" and form.is_valid():
        cases.finish(case, who(request).actor, form.cleaned_data["why"], clock.now())
        messages.success(request, "Done. It is kept in the history, and nothing is outstanding.")
        return HttpResponseRedirect(_url(case))
    lines = (f"You have the papers about {found.person} that {found.carer} had, and have put them away.",)
    return _asked(request, case, form, "The papers are here", lines)


@permits(Action.REGISTER_CHANGE, sudo=True)
@in_sentences
def code(request: HttpRequest, number: int) -> HttpResponse:
    """A code to read out to the carer on the telephone, shown this once."""
    case, found = _one(request, number, change=True)
    row = next(iter(_pages(case)), None)
    if row is None:
        raise Http404
    return read_out(request, row, found.carer, _url(case))


def _asked(request: HttpRequest, case: LeavingCase, form: Any, title: str, lines: tuple[str, ...]) -> HttpResponse:
    context = {"title": title, "form": form, "button": title, "back": _url(case), "lines": lines}
    return render(request, "console/ask.html", context, status=422 if form.errors else 200)


def _one(request: HttpRequest, number: int, *, change: bool = False) -> tuple[LeavingCase, register.Parties]:
    """Raises ``Http404`` also for one that is not theirs to see."""
    with reading(VaultUnavailable):
        case = LeavingCase.objects.filter(pk=number).first()
    if case is None or not scope.people(who(request), change=change).filter(ref=case.person).exists():
        raise Http404
    found = _parties(case)
    if found is None:
        raise Http404
    return case, found


def _parties(case: LeavingCase) -> register.Parties | None:
    return register.parties(case.carer, case.person, clock.now().astimezone(HERE).date())


def _row(case: LeavingCase) -> dict[str, Any] | None:
    found, stage = _parties(case), cases.stage(case)
    if found is None:
        return None
    today, due = clock.now().astimezone(HERE).date(), case.ended_on + SIGNED_WITHIN
    late = stage is not Stage.DONE and today > due
    return {"case": case, "of": found, "stage": stage, "colour": _COLOURS[stage], "due": due, "late": late}


def _pages(case: LeavingCase) -> list[PickupGrant]:
    """Its links, the newest first."""
    with reading(VaultUnavailable):
        return list(PickupGrant.objects.filter(record=case.record).order_by("-made_at", "-pk")) if case.record else []


def _clear(case: LeavingCase) -> bool:
    return bool(case.signed_at) and is_all_gone(Papers(case.papers), Copies(case.copies))


def _url(case: LeavingCase) -> str:
    return reverse("leaving-one", args=[case.pk])
