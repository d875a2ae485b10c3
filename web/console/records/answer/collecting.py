"""Step one: the key holder opens everything about the person. The page sees how far it is, and none of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vault.errands import asking
from vault.ids import is_id
from vault.models import ErrandKind
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits
from web.console.may import Action
from web.console.records import asking as pages
from web.console.records.answer import browser
from web.console.records.answer.forms import CollectForm


@permits(Action.REQUESTS_ANSWER, sudo=True)
@in_sentences
def collect(request: HttpRequest, number: int) -> HttpResponse:
    """Asks for it; again, too: what was decided stays."""
    case = browser.open_case(number)

    def do(form: CollectForm) -> str:
        also = [record for record in form.cleaned_data["also"] if is_id(record)]
        browser.ask(request, case, ErrandKind.COLLECT, query=browser.typed({"also": also}))
        return "The key holder is asked."

    lines = (
        (
            "The key holder opens every mail that is filed under this person, and looks for them in what is filed "
            "under nobody. Each look is recorded with your name."
        ),
        "What is opened stays with the key holder, and is wiped when the request has ended.",
    )
    where = reverse("request-collecting", args=[case.pk])
    title = "Collect what is kept about them"
    return pages.ask(request, CollectForm, do, where, title, lines=lines, caption=case.code)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def collecting(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is, or what became of it."""
    case = browser.case_of(number)
    row = asking.newest(ErrandKind.COLLECT, case.code)
    if row is None:
        return HttpResponseRedirect(reverse("request-collect", args=[case.pk]))
    busy = asking.is_busy(row, clock.now())
    title = "Collecting what is kept about them"
    if busy:
        return browser.waiting(request, case, row, title, reverse("request-collecting", args=[case.pk]))
    looked(request, "access-shown", case=case.code)
    return render(request, "console/records/answer/collected.html", {"title": title, "case": case, "row": row})
