"""The register of breaches, a new incident, and the page of one; ``steps.py`` has what is done to it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from domain.incident import ASKED, Nature
from register.recording.stops import stopped_among, stopped_for
from vault.incidents import casebook, register
from vault.incidents.containing import is_held
from vault.incidents.reach import reach_of
from vault.models import AuditEvent, Incident, IncidentRecord
from web.console.breach.dial import dial
from web.console.breach.incident_forms import KINDS, OpenForm, ids_in, when
from web.console.breach.noting import acting, looked
from web.console.breach.reaching import table_of
from web.console.breach.tasks import Contained, tasks
from web.console.doors import permits
from web.console.may import Action
from web.console.templatetags.saying import did
from web.pages.templatetags.pages import by

_STEPS = (
    *("incident opened", "incident written", "incident judged", "incident reported", "incident not reported"),
    *("incident people told", "incident people not told", "incident closed", "incident reopened", "recipient stopped"),
    "recipient let go",
)
"""What is told of its history. Looks are in the trail, and not here."""
_MOST_STEPS = 100
_A_PAGE = 25


def found(reference: str) -> Incident:
    """Raises ``Http404``; what no reference can hold is not even asked for."""
    if not reference.isprintable():
        raise Http404
    try:
        return casebook.find(reference)
    except casebook.IncidentError as error:
        raise Http404 from error


@permits(Action.INCIDENT_LIST)
def listed(request: HttpRequest) -> HttpResponse:
    """Those that are open, the oldest first; or the whole register, or those that were not reported."""
    which = request.GET.get("which", "open")
    which = which if which in {"open", "all", "unreported"} else "open"
    now = looked(request, "incidents listed").now
    page = Paginator(casebook.rows(which), _A_PAGE).get_page(request.GET.get("page"))
    lines = [{"row": r, "dial": dial(r.judged, now), "kind": KINDS[Nature(r.kind)]} for r in page]
    said = {"title": "Incidents", "which": which, "lines": lines, "page": page, "query": urlencode({"which": which})}
    return render(request, "console/breach/incidents.html", said)


@permits(Action.INCIDENT_LIST)
def table(request: HttpRequest) -> HttpResponse:
    """The whole register as CSV, for the Commissioner."""
    day = looked(request, "register of breaches downloaded").today
    answer = HttpResponse(register.as_csv(casebook.register(every=True)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="register-of-breaches-{day:%Y-%m-%d}.csv"'
    return answer


@permits(Action.INCIDENT_OPEN)
def opening(request: HttpRequest) -> HttpResponse:
    """A new incident; ``?record=`` names what it is about, as the search's page and others link here."""
    given = "\n".join(request.GET.getlist("record"))
    form = OpenForm(request.POST or None, initial={"records": given})
    if request.method == "POST" and form.is_valid() and (row := _opened(request, form)):
        messages.success(request, f"{row.reference} is open. Now keep the mails, and see who received them.")
        return HttpResponseRedirect(reverse("incident-one", args=[row.reference]))
    said = {"title": "Open an incident", "form": form, "open": _open_ones(given), "given": given}
    return render(request, "console/breach/open.html", said, status=422 if request.method == "POST" else 200)


def _opened(request: HttpRequest, form: OpenForm) -> Incident | None:
    who, data = acting(request), form.cleaned_data
    try:
        return casebook.open_incident(
            Nature(data["kind"]), when(data["aware"], who.now), data["records"], who, data["nature"]
        )
    except casebook.IncidentError as error:
        form.add_error(None, error.public)
        return None


def _open_ones(given: str) -> list[Incident]:
    """To which what was chosen may belong instead."""
    try:
        return casebook.register(every=False) if ids_in(given) else []
    except ValidationError:
        return []


@permits(Action.INCIDENT_WORK)
def one(request: HttpRequest, reference: str) -> HttpResponse:
    """Its clock, what is left to do, who received what about whom and who opened it, what is written."""
    row = found(reference)
    now = looked(request, "incident shown", incident=row.reference).now
    reach = table_of(reach_of(row.reference), now)
    own = stopped_for(row.reference)
    stopped = dict.fromkeys(own, row.reference) | stopped_among(reach.recipients)
    records = IncidentRecord.objects.filter(incident=row.reference).count()
    contained = Contained(
        is_held(row), records, len(reach.recipients), len(stopped.keys() & set(reach.recipients)), len(reach.waiting)
    )
    said = {
        "title": row.reference,
        "row": row,
        "opened_by": by(row.opened_by),
        "closed_by": by(row.closed_by),
        "kind": KINDS[Nature(row.kind)],
        "dial": dial(row.judged, now),
        "tasks": tasks(row.judged, contained, closed=row.closed_at is not None),
        "reach": reach,
        "stopped": stopped,
        "own": own,
        "account": [(label, getattr(row, name)) for name, label in ASKED.items()],
        "events": _history(row.reference),
    }
    return render(request, "console/breach/incident.html", said)


def _history(reference: str) -> list[dict[str, Any]]:
    """What was done, the newest first, without the looks.

    Sorted here, and asked for kind by kind: asked to sort, or for several kinds at once, a database reads a million
    events instead of the few of these kinds.
    """
    every = AuditEvent.objects.filter(details__incident=reference).order_by()
    steps = every.none().union(*(every.filter(action=step) for step in _STEPS), all=True)
    holds = AuditEvent.objects.filter(action="hold set", details__reference=reference).order_by()
    chosen = sorted((*steps, *holds), key=lambda e: -e.sequence)[:_MOST_STEPS]
    return [{"at": e.at, "by": by(e.actor), "action": did(e)} for e in chosen]
