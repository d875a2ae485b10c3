"""An organisation: what it is, who works there, which forms name it; changed by the records officer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.model import folded
from register import models as m
from register import recording, timeline
from web.console.doors import permits, who
from web.console.may import Action, may
from web.console.register import scope
from web.console.register.change import Change, RowForm, answer
from web.console.register.fields import text, why
from web.console.register.looks import looked
from web.pages.forms import Radios


class OrganisationForm(RowForm):
    """Its name and its mail domain."""

    name = text("Name", required="Type its name.", longest=200)
    domain = text(
        "Mail domain",
        hint="What stands behind the @, such as surgery.example. Empty if it has none of its own.",
        longest=255,
    )
    why = why()

    def __init__(self, *args: object, row: m.Organisation, **kwargs: object) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial = {"name": row.name, "domain": row.domain}

    def clean_domain(self) -> str:
        """Folded. Raises ``ValidationError`` for an address."""
        domain = folded(self.cleaned_data["domain"].strip())
        if "@" in domain or any(c.isspace() for c in domain):
            raise ValidationError("Write the domain without @, such as surgery.example.")
        return domain


class RegulatorForm(RowForm):
    """Whether it is one."""

    regulator = forms.ChoiceField(
        label="Is it a regulator?",
        choices=[("yes", "Yes"), ("no", "No")],
        widget=Radios(),
        error_messages={"required": "Choose whether it is a regulator."},
    )
    why = why()

    def __init__(self, *args: Any, row: m.Organisation, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial = {"regulator": "yes" if row.regulator else "no"}


ORGANISATION = Change(
    "Change an organisation", OrganisationForm,
    lambda row, said, now: recording.change_organisation(row.code, said["name"], said["domain"], now),
    "It is recorded.",
    ("Mail to any address of its domain counts as the organisation's: check how it is written.",),
)  # fmt: skip
REGULATOR = Change(
    "Whether it is a regulator", RegulatorForm,
    lambda row, said, now: recording.make_regulator(row.code, regulator=said["regulator"] == "yes", now=now),
    "It is recorded. The next mail is decided by it.",
    ("A regulator, such as the Care Quality Commission, may know of anybody without their permission.",
     "The law for that is section 63 of the Health and Social Care Act 2008.",
     "That counts for every address of its mail domain, and for all of its people in the register."),
)  # fmt: skip


@permits(Action.REGISTER_SEE)
def organisation(request: HttpRequest, key: int) -> HttpResponse:
    """A surgery, a trust, a firm: its domain, its people, the forms that name it as a whole."""
    row = _one(key)
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
def history(request: HttpRequest, key: int) -> HttpResponse:
    """All that was recorded about it, the newest first."""
    row = _one(key)
    looked(request, "organisation's history shown", organisation=row.code)
    context = {"title": f"History of {row.name}", "entries": timeline.of_organisation(row), "back_organisation": row}
    return render(request, "console/register/history.html", context)


@permits(Action.ORGANISATIONS_CHANGE)
def change(request: HttpRequest, key: int) -> HttpResponse:
    """Its name and domain."""
    return _changed(request, key, ORGANISATION)


@permits(Action.ORGANISATIONS_CHANGE, sudo=True)
def regulator(request: HttpRequest, key: int) -> HttpResponse:
    """Whether it is a regulator. It opens everything to it, so they show once more who they are."""
    return _changed(request, key, REGULATOR)


def _changed(request: HttpRequest, key: int, change: Change) -> HttpResponse:
    row = _one(key)
    return answer(request, change, row, reverse("register-organisation", args=[key]), f"{row.name} ({row.code})")


def _one(key: int) -> m.Organisation:
    """Raises ``Http404``."""
    found: m.Organisation | None = m.Organisation.objects.filter(pk=key).first()
    if found is None:
        raise Http404
    return found
