"""Subject access requests with their clock: list, open, ask, answer, extend, close (UK GDPR Art. 15, Art. 12A).

What needs a master key is asked of the key holder, a step at a time: ``web/console/records/answer/``.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from domain.access_request import State, Wanted
from domain.access_words import DONE, left, pressing, told_by_clock
from vault.export import cases
from vault.models import AccessRequest
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.may import Action
from web.console.records.answer.handing_over import wipe
from web.console.records.answer.steps import steps
from web.console.records.asking import acting, ask
from web.console.records.calling import called
from web.console.records.forms import AnswerForm, AskForm, CloseForm, ExtendForm, OpenForm

SIZE = 50
_COLOUR = {State.OVERDUE: "red", State.SOON: "orange", State.LATE_TARGET: "yellow", State.RUNNING: "blue"}


@permits(Action.REQUESTS_SEE)
@in_sentences
def requests(request: HttpRequest) -> HttpResponse:
    """The open ones, the most pressing first; or the finished, newest first, a page at a time."""
    finished = request.GET.get("finished") == "1"
    looked(request, "access-listed")
    found = _finished(request.GET.get("before", "")) if finished else cases.still_open()
    shown = found[:SIZE] if finished else found
    more = shown[-1].pk if len(found) > len(shown) else 0
    today = acting(request).today
    clocks = cases.standings(shown, cases.bank_holidays(today), today)
    if not finished:
        shown = sorted(shown, key=lambda case: pressing(clocks[case.pk]))
    known = called({case.person for case in shown})
    rows = [
        {
            "case": case,
            "about": known[case.person],
            "due": clocks[case.pk].due,
            "left": left(clocks[case.pk]),
            "colour": _COLOUR.get(clocks[case.pk].state, "grey"),
        }
        for case in shown
    ]
    older = "?" + urlencode({"finished": 1, "before": more}) if more else ""
    context = {"title": "Requests for access", "rows": rows, "finished": finished, "older": older}
    return render(request, "console/records/requests.html", context)


@permits(Action.REQUESTS_SEE)
@in_sentences
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One: the clock in words, what was asked, what is to be done next."""
    case = _case(number)
    looked(request, "access-shown", case=case.code)
    today = acting(request).today
    clock = cases.standing(case, cases.bank_holidays(today), today)
    questions = list(case.questions.order_by("asked", "pk"))
    awaited = [q for q in questions if q.answered is None]
    context = {
        "title": case.code,
        "case": case,
        "about": called({case.person})[case.person],
        "lines": list(told_by_clock(clock, today)),
        "late": clock.state is State.OVERDUE,
        "questions": questions,
        "awaited": awaited,
        "open": clock.state not in DONE,
        "may_extend": bool(clock.tell_by and today <= clock.tell_by and not clock.extended),
        "bundles": list(case.bundles.order_by("made_at")),
        "steps": list(steps(case, who(request).actor, acting(request).now)),
        "commands": _commands(case.code),
    }
    return render(request, "console/records/request.html", context)


@permits(Action.REQUESTS_CHANGE)
@in_sentences
def open_(request: HttpRequest) -> HttpResponse:
    """A request has come."""

    def do(form: OpenForm) -> str:
        given = form.cleaned_data
        case = cases.open_case(
            given["person"], given["received"], acting(request), asker=given["asker"], scope=given["scope"]
        )
        return f"{case.code} is open."

    return ask(request, OpenForm, do, reverse("requests"), "Open a request")


@permits(Action.REQUESTS_CHANGE)
@in_sentences
def question(request: HttpRequest, number: int) -> HttpResponse:
    """They were asked for something that is needed first."""
    case = _case(number)

    def do(form: AskForm) -> str:
        given = form.cleaned_data
        cases.ask(case, Wanted(given["wanted"]), given["on"], acting(request))
        return "The question is recorded."

    return ask(request, AskForm, do, _back(case), "Record a question", caption=case.code, initial=_today(request))


@permits(Action.REQUESTS_CHANGE)
@in_sentences
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """The answer came."""
    case = _case(number)

    def do(form: AnswerForm) -> str:
        given = form.cleaned_data
        cases.answer(case, given["on"], acting(request), Wanted(given["wanted"]))
        return "The answer is recorded."

    first = case.questions.filter(answered=None).first()
    initial = _today(request) | ({"wanted": first.wanted} if first else {})
    return ask(request, AnswerForm, do, _back(case), "Record the answer", caption=case.code, initial=initial)


@permits(Action.REQUESTS_CHANGE)
@in_sentences
def extend(request: HttpRequest, number: int) -> HttpResponse:
    """They were told that it takes two months more."""
    case = _case(number)

    def do(form: ExtendForm) -> str:
        given, by = form.cleaned_data, acting(request)
        cases.extend(case, given["on"], given["reason"], cases.bank_holidays(by.today), by)
        return "Recorded: two months more."

    lines = ("Only within the first month, once, and only if the person has been told with the reason.",)
    more = {"caption": case.code, "initial": _today(request), "lines": lines}
    return ask(request, ExtendForm, do, _back(case), "Extend by two months", **more)


@permits(Action.REQUESTS_CHANGE)
@in_sentences
def close(request: HttpRequest, number: int) -> HttpResponse:
    """It ends without a bundle."""
    case = _case(number)

    def do(form: CloseForm) -> str:
        given = form.cleaned_data
        cases.close(case, given["on"], given["outcome"], acting(request))
        wipe(request, case)
        return f"{case.code} is closed."

    lines = (
        "For a request that was withdrawn, refused, or answered another way. Nothing that was collected is given.",
    )
    more = {"caption": case.code, "initial": _today(request), "lines": lines, "danger": True}
    return ask(request, CloseForm, do, _back(case), "Close without a bundle", **more)


def _case(number: int) -> AccessRequest:
    try:
        return cases.find(str(number))
    except cases.CaseError:
        raise Http404 from None


def _back(case: AccessRequest) -> str:
    return reverse("request", args=[case.pk])


def _today(request: HttpRequest) -> dict[str, object]:
    return {"on": acting(request).today}


def _finished(before: str) -> list[AccessRequest]:
    rows = AccessRequest.objects.exclude(finished_on=None).order_by("-pk")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    return list(rows[: SIZE + 1])


def _commands(code: str) -> list[tuple[str, str]]:
    """What comes next on a machine with a master key, in its order."""
    return [
        ("Collect what is kept about them", f'sallyport sar collect {code} --identity MASTER.key --why "{code}"'),
        ("When both tables are filled in, check them", f"sallyport sar review {code}"),
        ("Look at what would be given", f"sallyport sar preview {code}"),
        ("Seal it for the person, and finish", f"sallyport sar finish {code}"),
    ]
