"""One person: who they are, who may know what about them, today or on another day; and all that was recorded."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.here import HERE
from domain.knowing import RELATIONS, said
from register import models as m
from register import particulars, standing, timeline
from register.models.recorded import valid_on
from web import clock
from web.console.doors import permits, who
from web.console.may import Action
from web.console.register import scope
from web.console.register.days import DayField
from web.console.register.looks import looked
from web.console.register.policy import rules


class OnForm(forms.Form):
    """Another day to look at."""

    on = DayField("Show how it stood on another day", required=False, hint="For example, 27 3 2026. Empty is today")


@permits(Action.REGISTER_SEE)
def person(request: HttpRequest, ref: str) -> HttpResponse:
    """Everything about one person on one page."""
    row = scope.person(request, ref)
    form = OnForm(request.GET or None)
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else None
    looked(request, "person shown", person=row.ref, on=on.isoformat() if on else "")
    when, policy = _when(on), rules()
    found = standing.read(row.council_id, when, policy.reviews)
    if found is None:  # taken out between the two questions
        found = standing.Standing(row.council_id, when, standing.nobody(row.ref), ())
    told = particulars.read(row.council_id)
    signed = sorted(found.facts.permissions, key=lambda p: (p.signed_on, p.ref), reverse=True)
    context = {
        "row": row, "title": name_of(row), "names": _names(row), "form": form, "on": on, "facts": found.facts,
        "forms": [(p, policy.reviews.due(p, found.facts.capacity), told.get(p.ref)) for p in signed],
        "knowers": [(k, RELATIONS[k.relation], said(k.relation, k.states, policy)) for k in found.knowers],
        "may_change": scope.people(who(request), change=True).filter(pk=row.pk).exists(),
    } | _homes(row, when.date())  # fmt: skip
    return render(request, "console/register/person.html", context, status=422 if form.errors else 200)


@permits(Action.REGISTER_SEE)
def history(request: HttpRequest, ref: str) -> HttpResponse:
    """All that was recorded about them, the newest first."""
    row = scope.person(request, ref)
    looked(request, "person's history shown", person=row.ref)
    context = {"title": f"History of {name_of(row)}", "entries": timeline.of_person(row), "back": row}
    return render(request, "console/register/history.html", context)


def _when(on: date | None) -> datetime:
    """The end of that day; now, if it is today or none."""
    now = clock.now()
    return now if on is None or on == now.astimezone(HERE).date() else datetime.combine(on, time.max, HERE)


def _names(row: m.Person) -> list[Any]:
    return list(m.PersonName.objects.filter(person=row).order_by("-main", "name"))


def name_of(row: m.Person) -> str:
    """The main name; the council ID of somebody without one."""
    found = m.PersonName.objects.filter(person=row).order_by("-main", "pk").values_list("name", flat=True).first()
    return found or row.council_id


def _homes(row: m.Person, day: date) -> dict[str, Any]:
    """Where they live and lived, and the carers of these households; whose person they are and were."""
    placements = list(m.Placement.objects.filter(person=row).select_related("household").order_by("-starts"))
    homes = [p.household_id for p in placements if p.starts <= day and (p.ends is None or p.ends >= day)]
    carers = m.Party.objects.filter(kind="carer", household__in=homes).order_by("name")
    support = m.Support.objects.filter(valid_on(day), household__in=homes).select_related("party")
    assessed = m.CapacityAssessment.objects.filter(person=row).order_by("-starts", "-pk")
    earlier = m.EarlierOfficer.objects.filter(person=row).select_related("officer").order_by("-ends")
    grounds = m.SharingBasis.objects.filter(person=row).order_by("-since")
    more: dict[str, Any] = {"grounds": list(grounds)}
    more |= {"placements": placements, "homes": homes, "carers": list(carers), "supports": list(support)}
    return more | {"assessments": list(assessed), "earlier_officers": list(earlier)}
