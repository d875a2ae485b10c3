"""What changes in a person's life, each on a page of its own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst

from domain.permission import Capacity, PartyKind
from register import models as m
from register import recording
from web.console.doors import permits
from web.console.may import Action
from web.console.register import scope
from web.console.register.change import Change, RowForm, answer
from web.console.register.days import DayField
from web.console.register.fields import text, why
from web.console.register.grounds import GROUND
from web.console.register.signed_papers import AgreementPaper
from web.pages.forms import Radios


class MoveInForm(RowForm):
    """Where they live from when on."""

    household = text("Household", hint="The household's id", required="Type the id of the household.", longest=64)
    starts = DayField("First day there")
    why = why()


class MoveOutForm(RowForm):
    """Which placement ends when."""

    household = forms.ChoiceField(
        label="Which placement ends?", widget=Radios(), error_messages={"required": "Choose the placement."}
    )
    last_day = DayField("Last day there")
    why = why()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        homes = m.Placement.objects.filter(person=self.row, ends=None).select_related("household")
        self.fields["household"].choices = [(p.household.code, f"{p.household.code} {p.household.name}") for p in homes]  # type: ignore[attr-defined]


class CapacityForm(RowForm):
    """An assessment for sharing information."""

    capacity = forms.ChoiceField(
        label="Can they decide about sharing their information?",
        choices=[(c.value, capfirst(c.value)) for c in Capacity],
        widget=Radios(),
        error_messages={"required": "Choose what was assessed."},
    )
    assessed_on = DayField("Day of the assessment")
    assessor = text("Who assessed it?", required="Type who assessed it.", longest=200)
    notes = text("What did they find?", hint="It is confidential, and kept with the assessment.", rows=5)


class OfficerForm(RowForm):
    """Whose person they are from when on."""

    officer = forms.ChoiceField(label="Officer", error_messages={"required": "Choose the officer."})
    starts = DayField("First day")
    why = why()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = m.Party.objects.filter(kind=PartyKind.OFFICER.value).order_by("name").values_list("code", "name")
        self.fields["officer"].choices = [("", "Choose"), *((c, f"{n} ({c})") for c, n in rows)]  # type: ignore[attr-defined]


class DeathForm(RowForm):
    """When they died."""

    died_on = DayField("Day of death")
    why = why()


CHANGES = {
    "move-in": Change(
        "A placement begins", MoveInForm,
        lambda row, said, now: recording.begin_placement(row.council_id, said["household"], said["starts"], now),
        "The placement is recorded. Mail to the carers there is decided by it from its first day.",
        ("Where they lived before ends on a page of its own.",),
    ),
    "move-out": Change(
        "A placement ends", MoveOutForm,
        lambda row, said, now: recording.end_placement(row.council_id, said["household"], said["last_day"], now),
        "The end is recorded. After that day the carers there are told nothing more about them.",
    ),
    "agreement": Change(
        "The signed placement agreement", AgreementPaper,
        lambda _row, said, now: recording.note_agreement(
            int(said["placement"]), said["record"], said["agreed_on"], now
        ),
        "The signed agreement is now with the placement.",
        ("One that was signed on the pick-up page. Look at it first: it came to the officer by mail.",),
        "Add it to this placement",
    ),
    "capacity": Change(
        "Capacity to decide about sharing", CapacityForm,
        lambda row, said, now: recording.assess_capacity(
            row.council_id, Capacity(said["capacity"]), said["assessed_on"], now,
            assessor=said["assessor"], notes=said["notes"],
        ),
        "The assessment is recorded.",
        (
            "Capacity is presumed until an assessment says otherwise (Mental Capacity Act 2005 section 1).",
            "Without it, forms that they signed count no longer: a best-interests decision is needed.",
        ),
    ),
    "officer": Change(
        "Another officer", OfficerForm,
        lambda row, said, now: recording.give_officer(row.council_id, said["officer"], said["starts"], now),
        "The officer is recorded. Reminders go to them from that day.",
    ),
    "ground": GROUND,
    "death": Change(
        "They have died", DeathForm,
        lambda row, said, now: recording.record_death(row.council_id, said["died_on"], now),
        "It is recorded. What they permitted has ended; their confidentiality has not.",
        ("Permissions end with death. Confidentiality goes on (Caldicott).",),
    ),
}  # fmt: skip


@permits(Action.REGISTER_CHANGE)
def change(request: HttpRequest, ref: str, what: str) -> HttpResponse:
    """One of them."""
    row = scope.person(request, ref, change=True)
    if what not in CHANGES:
        raise Http404
    return answer(request, CHANGES[what], row, reverse("register-person", args=[ref]), row.council_id)
