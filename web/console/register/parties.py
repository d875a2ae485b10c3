"""Somebody with a mailbox (a carer, an officer, family, a professional), and keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.permission import PartyKind
from register import models as m
from register import timeline
from web import clock
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.outside import outside
from web.console.register import scope, seen_keys
from web.console.register.fields import LANGUAGE
from web.console.register.looks import looked, sent

_CARER = PartyKind.CARER.value
_A_PAGE = 50
_SOON = timedelta(days=30)
_SHORTEST = 3


class KeyForm(forms.Form):
    """A part of an address."""

    words = forms.CharField(
        label="Whose key?",
        help_text="An e-mail address, or a part of one, such as surgery.example",
        min_length=_SHORTEST,
        max_length=320,
        error_messages={"required": "Type an address, or a part of one.", "min_length": "Type three letters or more."},
    )


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
        "language": LANGUAGE[row.language], "last_day": row.approved_to if row.kind == _CARER else row.ends,
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


@permits(Action.KEYS_SEE)
def keys(request: HttpRequest) -> HttpResponse:
    """Which keys an address has, until when, and had; and those that only came by mail, to which nothing is encrypted.

    A key passes a gate before it is taken, be it handed in (``keys.py``) or brought by a mail (``seen_keys.py``).
    Addresses are listed to those alone who settle what came: whoever else looks knows whose key they want. What is
    typed stands in no address of a page.
    """
    form, rows, more = KeyForm(sent(request)), list[m.RecipientKey](), False
    seen: list[m.SeenKey] = []
    entries: list[timeline.Entry] = []
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        looked(request, "keys searched", length=len(words))
        found = m.RecipientKey.objects.filter(address__icontains=words).order_by("address", "fingerprint")
        rows = list(found[: _A_PAGE + 1])
        rows, more = rows[:_A_PAGE], len(rows) > _A_PAGE
        seen = list(m.SeenKey.objects.filter(address__icontains=words).order_by("-changed", "address")[:_A_PAGE])
        entries = timeline.of_keys(words)[:_A_PAGE]
    settles = may(who(request), Action.KEYS_SETTLE)
    if settles and not form.is_bound:
        seen = list(seen_keys.listed(request, _A_PAGE))
    shown = {r.address for r in rows} | {r.address for r in seen}
    named = dict(scope.parties(who(request)).filter(email__in=shown).values_list("email", "name"))
    now = clock.now()
    context = {"title": "Keys", "form": form, "rows": [_key(row, now) for row in rows], "named": named, "more": more}
    context |= {"seen": seen, "total": m.RecipientKey.objects.count(), "waiting": m.SeenKey.objects.count()}
    context["sees_register"] = may(who(request), Action.REGISTER_SEE)
    context |= {"settles": settles, "may_change": may(who(request), Action.KEYS_CHANGE), "entries": entries}
    return render(request, "console/register/keys.html", context, status=422 if form.errors else 200)


def _key(row: m.RecipientKey, now: datetime) -> dict[str, Any]:
    """With when it ends, and whether that is soon or over."""
    ends = outside().key_ends(bytes(row.data))
    state = "" if ends is None else "over" if ends <= now else "soon" if ends <= now + _SOON else ""
    return {"row": row, "ends": ends, "state": state}
