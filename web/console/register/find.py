"""Find somebody in the register. What is typed never stands in an address: it is a name."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from register import models as m
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.register import scope
from web.console.register.looks import looked, sent

_MOST = 50


class FindForm(forms.Form):
    """A part of a name, or an id."""

    words = forms.CharField(
        label="Find somebody",
        help_text="A part of a name, a council ID, the id or the e-mail address of a carer or an organisation",
        max_length=100,
        error_messages={"required": "Type a part of a name, or an id."},
    )


@permits(Action.REGISTER_SEE)
def find(request: HttpRequest) -> HttpResponse:
    """The register's first page: whom an officer looks after; what a search finds."""
    whoever, form = who(request), FindForm(sent(request))
    more: dict[str, Any] = {"form": form, "title": "Register", "keys": may(whoever, Action.KEYS_SEE)}
    more["add"] = may(whoever, Action.REGISTER_ADD)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"].strip()
        looked(request, "register searched", length=len(words))
        more |= _found(request, words) | {"searched": words}
    else:
        theirs = scope.people(whoever)
        more |= {"people": _shown(theirs)[:_MOST], "count": theirs.count(), "most": _MOST}
    return render(request, "console/register/find.html", more, status=422 if form.errors else 200)


def _found(request: HttpRequest, words: str) -> dict[str, Any]:
    whoever = who(request)
    numbers = words.replace(" ", "")
    people = scope.people(whoever).filter(
        Q(council_id__iexact=words) | Q(nhs_number=numbers) | Q(pk__in=_named(m.PersonName, "person", words))
    )
    parties = scope.parties(whoever).filter(Q(code__iexact=words) | Q(name__icontains=words) | Q(email__iexact=words))
    organisations = m.Organisation.objects.filter(
        Q(code__iexact=words) | Q(name__icontains=words) | Q(domain__iexact=words)
    )
    return {
        "people": _shown(people)[: _MOST + 1],
        "parties": parties.select_related("household", "organisation").order_by("name", "code")[: _MOST + 1],
        "organisations": organisations.order_by("name", "code")[: _MOST + 1],
        "most": _MOST,
    }


def _named(table: Any, column: str, words: str) -> QuerySet[Any]:
    return table.objects.filter(name__icontains=words).values(column)  # type: ignore[no-any-return]


def _shown(people: QuerySet[Any]) -> QuerySet[Any]:
    """With their main name and officer."""
    main = Prefetch("names", m.PersonName.objects.order_by("-main", "pk"), to_attr="every_name")
    return people.select_related("officer").prefetch_related(main).order_by("council_id")
