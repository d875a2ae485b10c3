"""Step three: the answer as it would be given, page by page, for whoever sends it and whoever agrees to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vault.errands import asking
from vault.models import AccessRequest, ErrandKind
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits
from web.console.may import Action
from web.console.records.answer import browser
from web.console.records.answer.handing_over import can_agree

_TITLE = "Look at the answer"
_BEGIN = {
    "title": _TITLE,
    "lines": (
        (
            "The key holder makes the answer, blacks out what is to come out, and proves that it is gone. It sends "
            "pictures of the pages to this browser. What was decided is recorded in your name."
        ),
        "Look at every page: a program finds words, you find what they mean.",
    ),
    "button": "Make it, so that I can look at it",
    "to": "request-preview-make",
}


@permits(Action.REQUESTS_ANSWER, sudo=True)
@in_sentences
def make(request: HttpRequest, number: int) -> HttpResponse:
    """Asks for it, as all is decided now."""
    case = browser.open_case(number)
    back = HttpResponseRedirect(reverse("request-preview", args=[case.pk]))
    if request.method != "POST":
        return back
    _, secret = browser.ask(request, case, ErrandKind.PREVIEW)
    return browser.keep(back, case, secret)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """Each document as it would be given; then it can be sealed, or agreed to."""
    case = browser.open_case(number)
    row, here = browser.mine(request, case, ErrandKind.PREVIEW), reverse("request-preview", args=[case.pk])
    if row is not None and asking.is_busy(row, clock.now()):
        return browser.waiting(request, case, row, _TITLE, here)
    found = browser.opened(request, row)
    if found is None:
        return browser.begin(request, case, _BEGIN, row)
    if request.method == "HEAD":
        return HttpResponse()
    looked(request, "access-previewed", case=case.code)
    sealed = asking.newest(ErrandKind.ANSWER, case.code)
    said = {
        "title": _TITLE,
        "case": case,
        "entries": [_entry(each, case) for each in found.told["entries"]],
        "cut": found.told["cut"],
        "closed": found.told["closed"],
        "until": found.row.until,
        "errand": sealed,
        "agree": sealed is not None and can_agree(request, sealed),
    }
    return render(request, "console/records/answer/preview.html", said)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def picture(request: HttpRequest, number: int, entry: int, page: int) -> HttpResponse:
    """A page of what would be given."""
    case = browser.open_case(number)
    row = browser.mine(request, case, ErrandKind.PREVIEW)
    answer = browser.picture(request, row, f"page/{entry}/{page}")
    looked(request, "access-previewed", case=case.code, document=entry, page=page)
    return answer


def _entry(each: dict[str, Any], case: AccessRequest) -> dict[str, Any]:
    pages = [(n, reverse("request-preview-page", args=[case.pk, each["id"], n])) for n in range(1, each["pages"] + 1)]
    return each | {"drawn": pages, "day": browser.day_of(each["day"])}
