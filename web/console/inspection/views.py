"""An inspector's pages. Whether an access stands is asked on each request; each look is recorded before it is shown.

Everything else is as if it were not there. Every page bears who looks and when.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from domain.knowing import RELATIONS, said
from domain.retention_words import label
from register import models as m
from register import particulars, persons, standing
from register import timeline as history
from vault import inspection
from vault.inspection import SAW, Page
from vault.models import InspectorAccess
from web import clock
from web.accounts.models import Account
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.may import Action
from web.console.register.policy import rules

SIZE = 50
_DONE = {"relay": "sent as it was", "encrypt": "sent protected", "hold": "held", "reject": "refused"}


@permits(Action.INSPECT)
@in_sentences
def people(request: HttpRequest) -> HttpResponse:
    """Whose records may be seen now, and until when."""
    now = clock.now()
    standing_now = inspection.open_to(who(request).actor, now)
    looked(request, SAW + Page.PEOPLE, accesses=[a.pk for a in standing_now])
    until = {p.person: a for a in reversed(standing_now) for p in a.people.all()}
    known = persons.by_ref(until)
    names = {ref: str(known.get(ref, ref)) for ref in until}
    rows = [{"ref": ref, "name": names[ref], "access": until[ref]} for ref in sorted(until, key=lambda r: names[r])]
    return _shown(request, Page.PEOPLE, {"title": "Records for inspection", "rows": rows})


@permits(Action.INSPECT)
@in_sentences
def records(request: HttpRequest, ref: str) -> HttpResponse:
    """The person's records: when, of what kind, to whom, what was decided and why. No words of any mail."""
    access, before = _access(request, ref), request.GET.get("before", "")
    _saw(request, Page.RECORDS, access, ref, before=before[:32])
    found, more = inspection.filed(ref, before, SIZE)
    rows = [
        {"record": f, "classes": ", ".join(map(label, f.classes)), "decided": [(d, _did(d)) for d in f.decided]}
        for f in found
    ]
    older = f"?before={more}" if more else ""
    return _of_person(request, Page.RECORDS, access, ref, {"rows": rows, "older": older})


@permits(Action.INSPECT)
@in_sentences
def permissions(request: HttpRequest, ref: str) -> HttpResponse:
    """Who may know what about the person now, and by which form."""
    access = _access(request, ref)
    _saw(request, Page.PERMISSIONS, access, ref)
    row, policy = m.Person.objects.filter(ref=ref).first(), rules()
    found = standing.read(row.council_id, clock.now(), policy.reviews) if row else None
    more: dict[str, Any] = {"forms": [], "knowers": []}
    if row is not None and found is not None:
        told = particulars.read(row.council_id)
        signed = sorted(found.facts.permissions, key=lambda p: (p.signed_on, p.ref), reverse=True)
        more["forms"] = [(p, policy.reviews.due(p, found.facts.capacity), told.get(p.ref)) for p in signed]
        more["knowers"] = [(k, RELATIONS[k.relation], said(k.relation, k.states, policy)) for k in found.knowers]
    return _of_person(request, Page.PERMISSIONS, access, ref, more)


@permits(Action.INSPECT)
@in_sentences
def timeline(request: HttpRequest, ref: str) -> HttpResponse:
    """What was done with the person's records, and what was recorded about the person."""
    access, before = _access(request, ref), request.GET.get("before", "")
    _saw(request, Page.TIMELINE, access, ref, before=before[:20])
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0  # noqa: PLR2004 - 64 bits
    events, more = inspection.timeline(ref, number, SIZE)
    row = m.Person.objects.filter(ref=ref).first()
    entries = history.of_person(row)[:SIZE] if row and not number else []
    older = f"?before={more}" if more else ""
    return _of_person(request, Page.TIMELINE, access, ref, {"events": events, "entries": entries, "older": older})


def _access(request: HttpRequest, ref: str) -> InspectorAccess:
    """Raises ``Http404`` for whoever is not named in an access that stands at this moment."""
    access = inspection.access_to(who(request).actor, ref, clock.now())
    if access is None:
        raise Http404
    return access


def _saw(request: HttpRequest, what: Page, access: InspectorAccess, ref: str, before: str = "") -> None:
    looked(request, SAW + what, why=access.purpose, access=access.pk, person=ref, before=before)


def _of_person(
    request: HttpRequest, tab: Page, access: InspectorAccess, ref: str, more: dict[str, Any]
) -> HttpResponse:
    name = str(persons.by_ref([ref]).get(ref, ref))
    return _shown(request, tab, {"title": name, "ref": ref, "access": access, "tab": tab.value} | more)


def _shown(request: HttpRequest, template: Page, context: dict[str, Any]) -> HttpResponse:
    """With who looks and when: on the page as words, and across it as a watermark."""
    account = request.user
    assert isinstance(account, Account)  # noqa: S101 - the guard has asked
    mark = {"watermark": account.name, "watermark_email": account.email, "now": clock.now()}
    return render(request, f"console/inspection/{template.value}.html", context | mark)


def _did(decided: inspection.Decided) -> str:
    done = _DONE.get(decided.action, decided.action)
    return f"{done} ({decided.method})" if decided.method else done
