"""Step two: each document is looked at, and somebody decides what becomes of it.

Its words come from the key holder, sealed to this browser; what is decided goes back sealed to the masters, and stands
in the same tables that ``sallyport sar review`` reads. Each document that is shown is in the audit trail first.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from vault.errands import asking
from vault.models import AccessRequest, Errand, ErrandKind, ErrandState
from web import clock
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.held.marking import Mark, pieces
from web.console.may import Action
from web.console.records.answer import browser
from web.console.records.answer.forms import CHOICES, DocumentForm

_BEGIN = {
    "title": "Decide about each document",
    "lines": (
        (
            "The key holder sends the words of each document to this browser, marks the texts that may be about other "
            "people, and draws its pages. The files are not sent. You can look at them for ten hours."
        ),
        "You decide, for each document, what becomes of it. You can stop and go on another day.",
    ),
    "button": "Open the documents",
    "to": "request-review-open",
}
_TITLE = "Decide about each document"


@permits(Action.REQUESTS_ANSWER, sudo=True)
@in_sentences
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Asks for the documents."""
    case = browser.open_case(number)
    back = HttpResponseRedirect(reverse("request-review", args=[case.pk]))
    if request.method != "POST":
        return back
    _, secret = browser.ask(request, case, ErrandKind.REVIEW)
    return browser.keep(back, case, secret)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def review(request: HttpRequest, number: int) -> HttpResponse:
    """All documents with what is decided."""
    case = browser.open_case(number)
    row, here = browser.mine(request, case, ErrandKind.REVIEW), reverse("request-review", args=[case.pk])
    if row is not None and asking.is_busy(row, clock.now()):
        return browser.waiting(request, case, row, _TITLE, here)
    found = browser.opened(request, row)
    if found is None:
        return browser.begin(request, case, _BEGIN, row)
    decided = _decided(request, case)
    busy = any(asking.is_busy(each, clock.now()) for each in decided.values())
    if request.method == "HEAD":
        return HttpResponse(status=202 if busy else 200)
    looked(request, "access-reviewed", case=case.code)
    rows = [_line(each, decided.get(each["id"])) for each in found.told["documents"]]
    said = {
        "title": _TITLE,
        "case": case,
        "rows": rows,
        "busy": busy,
        "ready": not busy and all(line["state"] == "decided" for line in rows),
        "closed": found.told["closed"],
        "until": found.row.until,
    }
    return render(request, "console/records/answer/review.html", said, status=202 if busy else 200)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def document(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """One document: its words, its pages, and what becomes of it."""
    case = browser.open_case(number)
    row = browser.mine(request, case, ErrandKind.REVIEW)
    found = browser.opened(request, row)
    if found is None:
        return HttpResponseRedirect(reverse("request-review", args=[case.pk]))
    line, laid = _one(request, found, name.upper())
    posted = request.method == "POST"
    said = request.POST if posted else None
    initial = DocumentForm.initially(line, laid)
    # What comes out of all documents may stand in this one as a part of another text, and then has no line here.
    besides = bool(line["missing"])
    form = DocumentForm(laid["passages"], said, initial=initial, unread=bool(laid["unread"]), besides=besides)
    if posted and form.is_valid():
        query = browser.typed(form.decided(line["id"]))
        browser.ask(request, case, ErrandKind.DECIDE, query=query, why=_why(case, line["id"]))
        return HttpResponseRedirect(_next(request, case, found, line["id"]))
    looked(request, "access-reviewed", case=case.code, document=line["id"])
    context = {"title": line["title"] or "Without a title", "case": case, "line": line, "laid": laid, "form": form}
    context |= {"day": browser.day_of(line["date"])}
    context |= {"hidden": any(t.get("beside") for t in laid["texts"])}
    context |= {"texts": [_shown(t) for t in laid["texts"]], "pages": _pages(found.row, case, line["id"])}
    return render(request, "console/records/answer/document.html", context, status=422 if posted else 200)


@permits(Action.REQUESTS_ANSWER)
@in_sentences
def picture(request: HttpRequest, number: int, name: str, page: int) -> HttpResponse:
    """A page of a document."""
    case = browser.open_case(number)
    row = browser.mine(request, case, ErrandKind.REVIEW)
    answer = browser.picture(request, row, f"page/{name.upper()}/{page}")
    looked(request, "access-reviewed", case=case.code, document=name.upper(), page=page)
    return answer


def _one(request: HttpRequest, found: browser.Opened, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    line = next((each for each in found.told["documents"] if each["id"] == name), None)
    laid = browser.opened(request, found.row, f"document/{name}") if line else None
    if line is None or laid is None:
        raise Http404
    return line, laid.told


def _why(case: AccessRequest, document_: str) -> str:
    return f"{case.code}: {document_}"


def _decided(request: HttpRequest, case: AccessRequest) -> dict[str, Errand]:
    """The newest decision about each document that this person sent and the key holder has not forgotten."""
    rows = asking.of_person(ErrandKind.DECIDE, case.code, who(request).actor, clock.now())
    return {row.why.rpartition(" ")[2]: row for row in rows}


def _line(each: dict[str, Any], sent: Errand | None) -> dict[str, Any]:
    """``state``: to do, missing, recording, refused, decided."""
    label = dict(CHOICES).get(each["decision"].lower().replace(" ", "-"), "")
    state, says = ("decided", label) if label and not each["missing"] else ("missing", label)
    if not each["decision"]:
        state, says = "to do", ""
    if sent is not None and asking.is_busy(sent, clock.now()):
        state, says = "recording", ""
    elif sent is not None and sent.state == ErrandState.REFUSED:
        state, says = "refused", sent.says
    return {"document": each, "state": state, "says": says, "day": browser.day_of(each["date"])}


def _next(request: HttpRequest, case: AccessRequest, found: browser.Opened, name: str) -> str:
    """The next document that nobody has decided about, else the list."""
    sent, names = _decided(request, case), [each["id"] for each in found.told["documents"]]
    after = names.index(name) + 1
    left = {each["id"] for each in found.told["documents"] if not each["decision"]} - sent.keys()
    following = next((each for each in (*names[after:], *names[:after]) if each in left), None)
    if following is None:
        return reverse("request-review", args=[case.pk])
    return reverse("request-document", args=[case.pk, following])


def _shown(text: dict[str, Any]) -> dict[str, Any]:
    marks = [Mark(start, end, why) for start, end, why in text["marks"]]
    return {"number": text["page"], "pieces": list(pieces(text["text"], marks)), "beside": text.get("beside", False)}


def _pages(row: Errand, case: AccessRequest, name: str) -> list[tuple[int, str]]:
    numbers = asking.pages(row, name)
    return [(n, reverse("request-document-page", args=[case.pk, name, n])) for n in numbers]
