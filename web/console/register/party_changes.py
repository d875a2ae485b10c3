"""What changes about those with a mailbox, each on a page of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from domain.permission import PartyKind
from register import models as m
from register import recording
from web.console.doors import permits, who
from web.console.may import Action, Who
from web.console.register import scope
from web.console.register.adding.forms import teams
from web.console.register.change import Change, RowForm, answer
from web.console.register.days import DayField
from web.console.register.fields import language, text, why
from web.pages.forms import Radios


def _household(which: str) -> forms.CharField:
    hint = f"The id of the household {which}"
    return text("Household", hint=hint, required="Type the id of the household.", longest=64)


class MailboxForm(RowForm):
    """Which address is theirs from when on."""

    email = forms.EmailField(
        label="E-mail address",
        error_messages={"required": "Type the address.", "invalid": "Write the address as name@example.org."},
    )
    starts = DayField("First day of this address")
    why = why()


class _HomeForm(RowForm):
    """A household to which a carer comes: who does so must look after somebody there."""

    def __init__(self, *args: Any, whoever: Who, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._whoever = whoever

    def clean_household(self) -> str:
        """The id. Raises ``ValidationError`` where people of another team live."""
        code: str = self.cleaned_data["household"]
        if not scope.may_send_to_live_or_help(self._whoever, code):
            raise ValidationError("People of another team live there. Their officer or the records officer does this.")
        return code


class HouseholdForm(_HomeForm):
    """Where a carer lives from when on."""

    household = text("Household", hint="The household's id", required="Type the id of the household.", longest=64)
    starts = DayField("First day there")
    why = why()


class SupportForm(_HomeForm):
    """Where a carer stands in from when on, perhaps until when."""

    household = _household("where they stand in")
    starts = DayField("First day")
    ends = DayField("Last day", required=False, hint="If it is known already")
    why = why()


class SupportEndsForm(RowForm):
    """Where they stand in no longer."""

    household = _household("where they stood in")
    ends = DayField("Last day")
    why = why()


class TrainingForm(RowForm):
    """A training or an appraisal that was held."""

    kind = forms.ChoiceField(
        label="What was held?",
        choices=[(m.Training.DATA_PROTECTION, "Data-protection training"), (m.Training.APPRAISAL, "Yearly appraisal")],
        widget=Radios(),
        error_messages={"required": "Choose what was held."},
    )
    done_on = DayField("When was it?")


class LanguageForm(RowForm):
    """In which language they are written to."""

    language = language()
    why = why()

    def __init__(self, *args: Any, row: m.Party, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial = {"language": row.language}


class TeamForm(RowForm):
    """Which team an officer works in."""

    team = forms.ChoiceField(label="Team", required=False)
    why = why()

    def __init__(self, *args: Any, row: m.Party, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["team"].choices = teams()  # type: ignore[attr-defined]
        self.initial = {"team": row.team.code if row.team else ""}


class LastDayForm(RowForm):
    """Until when they are what they are."""

    ends = DayField("Last day", required=False, hint="Empty: there is no end")
    why = why()

    def __init__(self, *args: Any, row: m.Party, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial = {"ends": row.approved_to if row.kind == PartyKind.CARER.value else row.ends}


def _support(row: m.Party, said: dict[str, Any], now: datetime) -> None:
    with transaction.atomic():
        recording.begin_support(row.code, said["household"], said["starts"], now)
        if said["ends"] is not None:
            recording.end_support(row.code, said["household"], said["ends"], now)


CHANGES = {
    "mailbox": Change(
        "Another e-mail address", MailboxForm,
        lambda row, said, now: recording.change_mailbox(row.code, said["email"], said["starts"], now),
        "The address is recorded. The one before is nobody's from that day.",
        ("From its first day mail to this address is theirs, and mail to the one before is a stranger's.",),
    ),
    "household": Change(
        "A carer moves", HouseholdForm,
        lambda row, said, now: recording.move_carer(row.code, said["household"], said["starts"], now),
        "The move is recorded. They are the carer of those who live there from that day.",
        ("From that day they are told nothing more about those who live where they lived before.",),
    ),
    "support": Change(
        "A carer stands in", SupportForm, _support, "It is recorded.",
        ("They are told what it takes to look after those who live there, from the first day to the last.",),
    ),
    "support-ends": Change(
        "A carer stands in no longer", SupportEndsForm,
        lambda row, said, now: recording.end_support(row.code, said["household"], said["ends"], now), "It is recorded.",
    ),
    "training": Change(
        "Training or appraisal", TrainingForm,
        lambda row, said, now: recording.record_training(row.code, said["kind"], said["done_on"], now),
        "It is recorded.",
    ),
    "language": Change(
        "The language they are written to in", LanguageForm,
        lambda row, said, now: recording.write_in(row.code, said["language"], now),
        "It is recorded. The next notice to them is in it.",
    ),
    "team": Change(
        "Another team", TeamForm,
        lambda row, said, now: recording.join_team(row.code, said["team"], now), "The team is recorded.",
        ("From now on they see and change the people of this team's officers, and no longer those of another's.",),
    ),
    "ends": Change(
        "Their last day", LastDayForm,
        lambda row, said, now: recording.end_part(row.code, said["ends"], now), "The last day is recorded.",
        ("After that day they are told nothing for what they were: as a carer, an officer, for their work or family.",
         "Where a carer leaves, the page of what they give back and delete comes by itself."),
    ),
}  # fmt: skip
_TO_A_HOME = frozenset({"household", "support"})
FOR_CARERS = frozenset({"household", "support", "support-ends", "training"})
FOR_OFFICERS = frozenset({"team"})


def _fits(what: str, kind: PartyKind) -> bool:
    if what in FOR_CARERS:
        return kind is PartyKind.CARER
    return what not in FOR_OFFICERS or kind is PartyKind.OFFICER


@permits(Action.REGISTER_CHANGE)
def change(request: HttpRequest, key: int, what: str) -> HttpResponse:
    """One of them."""
    row = scope.party(request, key, change=True)
    if what not in CHANGES or not _fits(what, PartyKind(row.kind)):
        raise Http404
    change = (
        replace(CHANGES[what], form=partial(CHANGES[what].form, whoever=who(request)))
        if what in _TO_A_HOME
        else CHANGES[what]
    )
    return answer(request, change, row, reverse("register-party", args=[key]), f"{row.name} ({row.code})")
