"""The last steps: sealed, once a second person agreed if the service wants it; fetched; and recorded as handed over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.disposal import may_be_one
from domain.errors import SallyportError, TryAgain
from vault.errands import asking
from vault.export import cases
from vault.models import AccessRequest, Errand, ErrandKind, ErrandState
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.may import Action
from web.console.outside import outside
from web.console.records import asking as pages
from web.console.records.answer import browser
from web.console.records.answer.forms import SealForm, SentForm
from web.console.records.asking import acting
from web.console.records.forms import SeenForm
from web.pages.errors import refused

_PASSPHRASE = "passphrase"  # noqa: S105 - the name of a piece


@permits(Action.REQUESTS_ANSWER, sudo=True)
@in_sentences
def seal(request: HttpRequest, number: int) -> HttpResponse:
    """To whom; what is sealed is what was looked at."""
    case = browser.open_case(number)
    if cases.is_unknown_who_asks(case):
        return refused(
            request, "Nothing is handed over while we wait to know who is asking. Record their answer first."
        )
    found = browser.opened(request, browser.mine(request, case, ErrandKind.PREVIEW))
    if found is None:
        return HttpResponseRedirect(reverse("request-preview", args=[case.pk]))
    form = SealForm(request.POST if request.method == "POST" else None, closed=found.told["closed"])
    if request.method == "POST" and form.is_valid():
        return _asked(request, case, form, found.told["seen"])
    two = "Then another records officer looks at the answer and agrees. " if outside().answers_take_two() else ""
    lines = (f"{two}The key holder seals exactly what you looked at, and you fetch the file here.",)
    said = {"title": "Have the answer sealed", "form": form, "button": "Ask for it", "lines": lines}
    said |= {"caption": case.code, "back": reverse("request-preview", args=[case.pk])}
    return render(request, "console/ask.html", said, status=422 if request.method == "POST" else 200)


def _asked(request: HttpRequest, case: AccessRequest, form: SealForm, seen: str) -> HttpResponse:
    given = form.cleaned_data
    query = browser.typed({"closed": given.get("closed", False)})
    more = {"receiver": given["key"].strip(), "seen": seen, "two": outside().answers_take_two(), "query": query}
    _, secret = browser.ask(request, case, ErrandKind.ANSWER, **more)
    return browser.keep(HttpResponseRedirect(reverse("request-sealed", args=[case.pk])), case, secret)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def sealed(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is; who has to agree; then the file."""
    case = browser.case_of(number)
    row, now = _newest(case), clock.now()
    here = reverse("request-sealed", args=[case.pk])
    if asking.is_busy(row, now):
        return browser.waiting(request, case, row, "Sealing the answer", here)
    if request.method == "HEAD":
        return HttpResponse()
    looked(request, "access-shown", case=case.code)
    own = row.asked_by == who(request).actor
    secret = browser.piece(request, row, _PASSPHRASE) if own else None
    if secret:
        looked(request, "answer's passphrase shown", case=case.code, errand=row.pk)
    said = {
        "title": "The sealed answer",
        "case": case,
        "row": row,
        "asked_by": row.asked_by.removeprefix("console:"),
        "agreed_by": row.agreed_by.removeprefix("console:"),
        "mine": may_be_one(who(request).actor, row.asked_by),
        "over": asking.is_over(row, now),
        "passphrase": secret.decode() if secret else "",
        "open": case.finished_on is None,
    }
    return render(request, "console/records/answer/sealed.html", said)


@permits(Action.REQUESTS_ANSWER, sudo=True)
@in_sentences
def agree(request: HttpRequest, number: int) -> HttpResponse:
    """The second person, who has looked at the same."""
    case = browser.open_case(number)
    row = _newest(case)
    found = browser.opened(request, browser.mine(request, case, ErrandKind.PREVIEW))
    if found is None:
        return HttpResponseRedirect(reverse("request-preview", args=[case.pk]))

    def do(_: SeenForm) -> str:
        asking.agree(row, acting(request, row.why), found.told["seen"])
        return "You agreed. The key holder seals it now."

    lines = ("You looked at every page of it, and nothing in it is about somebody else who should not be in it.",)
    where = reverse("request-sealed", args=[case.pk])
    return pages.ask(request, SeenForm, do, where, "I agree: seal it", lines=lines, caption=case.code)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """Not wanted any more: by who asked, or by who does not agree."""
    case = browser.case_of(number)
    row = _newest(case)
    if request.method == "POST":
        asking.take_back(row, acting(request, row.why))
        messages.success(request, "It is not sealed.")
    return HttpResponseRedirect(reverse("request-sealed", args=[case.pk]))


@permits(Action.REQUESTS_ANSWER, sudo=True)
@in_sentences
def file(request: HttpRequest, number: int) -> Any:
    """The sealed file, while it lasts."""
    case = browser.case_of(number)
    row = _newest(case)
    if not row.file_name or not asking.is_answered(row, clock.now()):
        raise Http404
    looked(request, "answer fetched", case=case.code, errand=row.pk)
    headers = {"Content-Disposition": f'attachment; filename="{row.file_name}"', "Content-Security-Policy": "sandbox"}
    return StreamingHttpResponse(asking.file_of(row), content_type="application/octet-stream", headers=headers)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def sent(request: HttpRequest, number: int) -> HttpResponse:
    """They have it: the clock stops, and what was opened is wiped."""
    case = browser.open_case(number)
    if _newest(case).state != ErrandState.DONE:
        raise Http404

    def do(form: SentForm) -> str:
        given = form.cleaned_data
        cases.sent(case, given["on"], given["how"], acting(request))
        wipe(request, case)
        return f"{case.code} is answered, and the clock has stopped."

    lines = ("The clock stops. What was opened for the answer is wiped; a bundle can no longer be made from it.",)
    more = {"caption": case.code, "initial": {"on": acting(request).today}, "lines": lines}
    back = reverse("request", args=[case.pk])
    return pages.ask(request, SentForm, do, back, "Record that it was handed over", **more)


def wipe(request: HttpRequest, case: AccessRequest) -> None:
    """What was opened for a case that has ended; nothing where nothing was. That it has ended does not depend on it."""
    if asking.newest(ErrandKind.COLLECT, case.code) is None:
        return
    try:
        browser.ask(request, case, ErrandKind.DROP)
    except TryAgain:
        raise
    except SallyportError as error:
        messages.warning(request, error.public)


def can_agree(request: HttpRequest, row: Errand) -> bool:
    """Whether it waits for a second person who is not the first."""
    return (
        row.state == ErrandState.PROPOSED
        and not asking.is_over(row, clock.now())
        and not may_be_one(who(request).actor, row.asked_by)
    )


def _newest(case: AccessRequest) -> Errand:
    row = asking.newest(ErrandKind.ANSWER, case.code)
    if row is None:
        raise Http404
    return row
