"""What is done about an incident, a page a step: a form, and one function of ``vault/incidents/``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from domain.errors import SallyportError
from domain.incident import Risk
from register.recording import Impossible
from vault.acting import Acting
from vault.incidents import casebook
from vault.incidents.reach import reach_of
from vault.models import Incident
from web.console.breach import incident_forms as forms
from web.console.breach.incident_forms import StepForm, when
from web.console.breach.incidents import found
from web.console.breach.noting import acting, looked
from web.console.doors import permits
from web.console.may import Action
from web.searching import called

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Step:
    """``do`` is given the row, the valid form and who acts; it returns what is said afterwards.

    ``make`` makes the form, where it needs more than the row. ``sudo``: they show once more who they are. ``links`` are
    words and addresses of pages that help.
    """

    name: str
    title: str
    button: str
    form: type[StepForm]
    do: Callable[[Incident, Any, Acting], str]
    lines: tuple[str, ...] = ()
    sudo: bool = False
    make: Callable[..., StepForm] | None = None
    danger: bool = False
    links: Callable[[Incident], list[tuple[str, str]]] | None = None


def view(step: Step) -> View:
    """Its page."""
    action = Action.INCIDENT_END if step.sudo else Action.INCIDENT_WORK

    @permits(action, sudo=step.sudo)
    def page(request: HttpRequest, reference: str) -> HttpResponse:
        row = found(reference)
        form = (step.make or step.form)(row, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid() and (said := _done(step, row, form, request)):
            messages.success(request, said)
            return HttpResponseRedirect(reverse("incident-one", args=[row.reference]))
        if request.method != "POST":
            looked(request, "incident shown", incident=row.reference, step=step.name)
        given = {"title": step.title, "caption": row.reference, "form": form, "lines": step.lines}
        given["links"] = step.links(row) if step.links else []
        given |= {"button": step.button, "danger": step.danger, "back": reverse("incident-one", args=[row.reference])}
        return render(request, "console/ask.html", given, status=422 if request.method == "POST" else 200)

    return page


def _done(step: Step, row: Incident, form: StepForm, request: HttpRequest) -> str:
    try:
        return step.do(row, form, acting(request))
    except (casebook.IncidentError, Impossible) as error:
        form.add_error(None, _public(error))
        return ""


def _public(error: SallyportError) -> str:
    return error.public


def _add(row: Incident, form: Any, by: Acting) -> str:
    fresh = casebook.add_records(row, form.cleaned_data["records"], by)
    return "1 mail was added." if fresh == 1 else f"{fresh} mails were added."


def _judge(row: Incident, form: Any, by: Acting) -> str:
    casebook.judge(row, Risk(form.cleaned_data["risk"]), by)
    return "The risk is judged. The list says what comes next."


def _report(row: Incident, form: Any, by: Acting) -> str:
    data = form.cleaned_data
    casebook.report(row, when(data["at"], by.now), data["number"], by, data["late_because"])
    return "It is written down that the Commissioner was told."


def _no_report(row: Incident, form: Any, by: Acting) -> str:
    casebook.do_not_report(row, form.cleaned_data["because"], by)
    return "It is written down why this is not reported."


def _tell(row: Incident, form: Any, by: Acting) -> str:
    casebook.told_people(row, when(form.cleaned_data["at"], by.now), by)
    return "It is written down that the people were told."


def _no_tell(row: Incident, form: Any, by: Acting) -> str:
    casebook.do_not_tell_people(row, form.cleaned_data["because"], by)
    return "It is written down why the people are not told."


def _write(row: Incident, form: Any, by: Acting) -> str:
    if written := form.written():
        casebook.write(row, written, by)
    return "Saved." if written else "Nothing was changed."


def _close(row: Incident, _form: Any, by: Acting) -> str:
    casebook.close(row, by)
    return f"{row.reference} is closed. It stays in the register of breaches."


def _reopen(row: Incident, form: Any, by: Acting) -> str:
    casebook.reopen(row, form.cleaned_data["because"], by)
    return f"{row.reference} is open again."


def _whom(row: Incident) -> list[tuple[str, str]]:
    """About whom something went out, each with their page in the register."""
    refs = reach_of(row.reference).people
    known = called(refs)
    return sorted((known[ref], reverse("register-person", args=[ref])) for ref in refs if ref in known)


_WORDS = (
    "Tell each person, or whoever acts for them, in words that they understand: what happened, what it may mean for "
    "them, what was done about it, what they can do, and whom they can ask."
)
_PEOPLE = "Art. 34(3): it was encrypted, a high risk is no longer likely, or it would be out of proportion."
STEPS = (
    Step("add", "Which mails is it about?", "Add them", forms.AddForm, _add,
         ("A legal hold on the incident covers them at once.",)),
    Step("judge", "Judge the risk", "Save", forms.JudgeForm, _judge,
         ("What nobody has judged counts as likely.",)),
    Step("report", "Report to the Information Commissioner", "Save", forms.ReportForm, _report,
         ("Report it on the Commissioner's own page or by telephone. Here you write down that it was done.",
          "If a risk is unlikely, judge it so first: then it may stay unreported.")),
    Step("no-report", "Do not report it", "Do not report it", forms.BecauseForm, _no_report,
         ("Only where a risk to the people is judged unlikely.",), sudo=True, danger=True),
    Step("tell", "Tell the people", "Save", forms.TellForm, _tell,
         (_WORDS, "Here you write down that it was done."), links=_whom),
    Step("no-tell", "Do not tell the people", "Do not tell them", forms.BecauseForm, _no_tell, (_PEOPLE,),
         sudo=True, danger=True),
    Step("write", "What the Commissioner asks", "Save", forms.WriteForm, _write,
         ("Name nobody here: the mails say whom they are about. What is not known yet can follow later.",)),
    Step("close", "Close the incident", "Close it", StepForm, _close,
         ("It stays in the register of breaches. The legal hold stays on until two people lift it.",), sudo=True),
    Step("reopen", "Open it again", "Open it again", forms.BecauseForm, _reopen,
         ("Something new has come to light. What was done stays as it is.",), sudo=True),
)  # fmt: skip
