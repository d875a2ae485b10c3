"""Somebody with a mailbox (a carer, an officer, family, a professional), an organisation, keys."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from register import models as m
from register import timeline
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.register import scope
from web.console.register.looks import looked

_A_PAGE = 50


@permits(Action.REGISTER_SEE)
def party(request: HttpRequest, key: int) -> HttpResponse:
    """What they are, where, since when; the forms that name them."""
    row = scope.party(request, key)
    looked(request, "party shown", party=row.code)
    theirs = scope.people(who(request))
    forms = m.Grant.objects.filter(party=row, permission__person__in=theirs).select_related("permission__person")
    here = m.Placement.objects.filter(household=row.household_id, person__in=theirs).select_related("person")
    context = {
        "row": row, "title": row.name, "lines": forms.order_by("-permission__signed_on"),
        "supports": row.supports.select_related("household").order_by("-starts"),
        "trainings": row.trainings.order_by("-done_on"),
        "mailboxes": row.earlier_mailboxes.order_by("-ends"),
        "households": row.earlier_households.select_related("household").order_by("-ends"),
        "placements": here.order_by("-starts") if row.household_id else (),
        "keys": m.RecipientKey.objects.filter(address=row.email),
        "may_change": scope.parties(who(request), change=True).filter(pk=row.pk).exists(),
    }  # fmt: skip
    return render(request, "console/register/party.html", context)


@permits(Action.REGISTER_SEE)
def party_history(request: HttpRequest, key: int) -> HttpResponse:
    """All that was recorded about them, the newest first."""
    row = scope.party(request, key)
    looked(request, "party's history shown", party=row.code)
    context = {"title": f"History of {row.name}", "entries": timeline.of_party(row), "back_party": row}
    return render(request, "console/register/history.html", context)


@permits(Action.REGISTER_SEE)
def organisation(request: HttpRequest, key: int) -> HttpResponse:
    """A surgery, a trust, a firm: its domain, its people, the forms that name it as a whole."""
    row = organisation_of(key)
    looked(request, "organisation shown", organisation=row.code)
    theirs = scope.people(who(request))
    lines = m.Grant.objects.filter(organisation=row, permission__person__in=theirs)
    context = {
        "row": row, "title": row.name, "staff": row.staff.order_by("name")[:200],
        "lines": lines.select_related("permission__person").order_by("-permission__signed_on")[:200],
        "may_change": may(who(request), Action.ORGANISATIONS_CHANGE),
    }  # fmt: skip
    return render(request, "console/register/organisation.html", context)


@permits(Action.REGISTER_SEE)
def organisation_history(request: HttpRequest, key: int) -> HttpResponse:
    """All that was recorded about it, the newest first."""
    row = organisation_of(key)
    looked(request, "organisation's history shown", organisation=row.code)
    context = {"title": f"History of {row.name}", "entries": timeline.of_organisation(row), "back_organisation": row}
    return render(request, "console/register/history.html", context)


@permits(Action.KEYS_SEE)
def keys(request: HttpRequest) -> HttpResponse:
    """Whose certificates we have. A key passes a gate before it is taken: ``sallyport keys add``."""
    looked(request, "keys listed")
    rows = m.RecipientKey.objects.order_by("address", "fingerprint")
    page = Paginator(rows, _A_PAGE).get_page(request.GET.get("page"))
    addresses = {row.address for row in page}
    named = dict(scope.parties(who(request)).filter(email__in=addresses).values_list("email", "name"))
    context = {"title": "Keys", "page": page, "named": named}
    return render(request, "console/register/keys.html", context)


def organisation_of(key: int) -> m.Organisation:
    """Raises ``Http404``."""
    found: m.Organisation | None = m.Organisation.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found
