"""Inspectors' access: granted to an inspector's account for named people until a day, ended, and what was looked at."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from domain.here import HERE
from domain.inspection import AUTHORITY, Wanted, is_open
from register import persons
from vault import inspection
from vault.models import InspectorAccess
from web import clock
from web.accounts.models import Account
from web.accounts.roles import Role
from web.console.answering import in_sentences, looked
from web.console.doors import permits, who
from web.console.may import Action
from web.console.records.asking import ask
from web.console.records.forms import WhyForm, day_field, person_of, split, words

SIZE, LOOKS = 50, 100


class GrantForm(forms.Form):
    """To whom, about whom, why, until when."""

    inspector = forms.ChoiceField(label="Inspector", error_messages={"required": "Choose the inspector"})
    people = forms.CharField(
        label="Council IDs of the people",
        help_text="The inspector sees these people's records alone. One a line.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=10_000,
        error_messages={"required": "Name the people whose records the inspector may see"},
    )
    authority = forms.CharField(label="By what authority?", initial=AUTHORITY, max_length=500)
    purpose = words("What is the inspection about?", "Name nobody.")
    until = day_field("Last day", "At the end of this day nothing is shown any more. Three months at most.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = _inspectors()
        self.fields["inspector"].choices = [("", "Choose"), *((a.actor, f"{a.name}, {a.email}") for a in found)]  # type: ignore[attr-defined]

    def clean_people(self) -> list[str]:
        """References."""
        return [person_of(typed) for typed in split(self.cleaned_data["people"])]


def _inspectors() -> list[Account]:
    now = clock.now()
    standing = Q(grants__since__lte=now) & (Q(grants__until=None) | Q(grants__until__gt=now))
    rows = Account.objects.filter(standing, grants__role=Role.INSPECTOR.value, is_active=True)
    return list(rows.distinct().order_by("name"))


@permits(Action.INSPECTORS_SEE)
@in_sentences
def accesses(request: HttpRequest) -> HttpResponse:
    """Newest first, with whether each stands."""
    looked(request, "inspections listed")
    rows, before = InspectorAccess.objects.prefetch_related("people").order_by("-pk"), request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=int(before))
    found, now = list(rows[: SIZE + 1]), clock.now()
    shown = [{"access": a, "stands": is_open(a.until, a.ended_at, now), "people": len(a.people.all())} for a in found]
    older = "?" + urlencode({"before": str(found[SIZE - 1].pk)}) if len(found) > SIZE else ""
    context = {"title": "Inspectors' access", "rows": shown[:SIZE], "older": older}
    return render(request, "console/records/inspectors.html", context)


@permits(Action.INSPECTORS_SEE)
@in_sentences
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One: to whom, whose records, and all that was looked at."""
    row = _row(number)
    looked(request, "inspection shown", access=row.pk)
    refs = [p.person for p in row.people.all()]
    known = persons.by_ref(refs)
    looks = [
        {
            "at": e.at,
            "what": e.action.removeprefix(inspection.SAW),
            "whom": str(known.get(e.details.get("person"), "")),
        }
        for e in inspection.looked_at(row.inspector, row.since, LOOKS)
        if e.details.get("access") == row.pk
    ]
    context = {
        "title": row.inspector.partition(":")[2],
        "access": row,
        "stands": is_open(row.until, row.ended_at, clock.now()),
        "people": [str(known.get(ref, ref)) for ref in refs],
        "looks": looks,
        "most": LOOKS,
    }
    return render(request, "console/records/inspector.html", context)


@permits(Action.INSPECTORS_GRANT, sudo=True)
@in_sentences
def grant(request: HttpRequest) -> HttpResponse:
    """A new one."""

    def do(form: GrantForm) -> str:
        given = form.cleaned_data
        until = datetime.combine(given["until"] + timedelta(days=1), time(), tzinfo=HERE)
        wanted = Wanted(
            given["inspector"], who(request).actor, given["people"], given["authority"], given["purpose"], until
        )
        inspection.grant(wanted, clock.now())
        return "Granted. Every page that the inspector opens is recorded before it is shown."

    lines = ("If the inspector has no account yet, an operator makes one, with the role inspector and an end.",)
    return ask(request, GrantForm, do, reverse("inspectors"), "Grant an inspector access", lines=lines)


@permits(Action.INSPECTORS_GRANT)
@in_sentences
def end(request: HttpRequest, number: int) -> HttpResponse:
    """It opens nothing from now on."""
    row = _row(number)

    def do(form: WhyForm) -> str:
        inspection.end(row.pk, who(request).actor, form.cleaned_data["why"], clock.now())
        return "Ended. The inspector sees nothing any more by this access."

    caption = row.inspector.partition(":")[2]
    return ask(
        request, WhyForm, do, reverse("inspector", args=[row.pk]), "End this access", caption=caption, danger=True
    )


def _row(number: int) -> InspectorAccess:
    row = InspectorAccess.objects.filter(pk=number).prefetch_related("people").first()
    if row is None:
        raise Http404
    return row
