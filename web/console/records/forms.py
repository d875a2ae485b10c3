"""What a records officer types."""

from __future__ import annotations

from typing import Any

from django import forms

from domain.access_request import Wanted
from vault.models import Asker
from vault.models.holds import REFERENCE
from web.console.records.calling import by_council_id
from web.pages.forms import Radios

LONGEST = 500
_NAME_NOBODY = "It is kept as you type it. Name nobody."
_WANTED = ((Wanted.CLARIFICATION.value, "What they are looking for"), (Wanted.IDENTIFICATION.value, "Who they are"))


def day_field(label: str, hint: str = "", *, required: bool = True) -> forms.DateField:
    """A day, by the browser's own calendar; without one it is typed."""
    messages = {"invalid": f"{label}: write the day as 2026-02-28", "required": f"{label}: give the day"}
    widget = forms.DateInput(attrs={"type": "date", "data-width": "10"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=hint, required=required, widget=widget, error_messages=messages)


def words(label: str, hint: str = "", *, required: bool = True) -> forms.CharField:
    """A few sentences."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": f"{label} Write something"},
    )


def person_field(label: str = "Council ID of the person") -> forms.CharField:
    """A council ID as typed; :func:`person_of` makes a reference of it."""
    return forms.CharField(label=label, max_length=32, error_messages={"required": "Give the person's council ID"})


def person_of(typed: str) -> str:
    """The reference. Raises ``ValidationError`` for nobody's."""
    found = by_council_id(typed)
    if found is None:
        raise forms.ValidationError(f"Nobody in the register has the council ID {typed}")
    return found


def lines_field(label: str, hint: str) -> forms.CharField:
    """Several, with blanks, commas or new lines between them."""
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=label, help_text=hint, required=False, widget=widget, max_length=10_000)


def split(typed: str) -> list[str]:
    """Of a field of several."""
    return typed.replace(",", " ").split()


class OpenForm(forms.Form):
    """A request that came."""

    person = person_field()
    received = day_field("Day it came", "Whatever weekday. Asked by word of mouth counts as well.")
    asker = forms.ChoiceField(label="Who asks?", choices=Asker.choices, widget=Radios(), initial=Asker.PERSON)
    scope = words("What do they want, if not everything?", _NAME_NOBODY, required=False)

    def clean_person(self) -> str:
        """A reference."""
        return person_of(self.cleaned_data["person"])


class AskForm(forms.Form):
    """A question to the person."""

    wanted = forms.ChoiceField(
        label="What were they asked?",
        choices=_WANTED,
        widget=Radios(
            hints={
                Wanted.CLARIFICATION.value: "The clock stands still until they answer",
                Wanted.IDENTIFICATION.value: "The clock starts when they have shown it",
            }
        ),
        error_messages={"required": "Say what they were asked"},
    )
    on = day_field("Day they were asked")


class AnswerForm(forms.Form):
    """An answer that came."""

    wanted = forms.ChoiceField(
        label="What was answered?",
        choices=_WANTED,
        widget=Radios(),
        error_messages={"required": "Say what was answered"},
    )
    on = day_field("Day the answer came")


class ExtendForm(forms.Form):
    """Two months more."""

    reason = words("Why is it complex?", f"The person must be told this. {_NAME_NOBODY}")
    on = day_field("Day they were told")


class CloseForm(forms.Form):
    """An end without a bundle."""

    outcome = words("What came of it?", f"Withdrawn, refused and why, or answered another way. {_NAME_NOBODY}")
    on = day_field("Day it ended")


class HoldForm(forms.Form):
    """A hold."""

    reason = words("Why must these be kept?")
    reference = forms.CharField(
        label="Reference of the case",
        max_length=REFERENCE,
        help_text="Of the court, the complaint, the incident or the request",
        error_messages={"required": "Give the reference of the case"},
    )
    review = day_field("Somebody looks at it again on")
    person = lines_field("Council IDs of people", "Everything about them, also what comes later. One a line.")
    record = lines_field("Ids of records", "One a line.")
    incident = forms.CharField(label="Reference of an incident", max_length=REFERENCE, required=False)

    def clean_person(self) -> list[str]:
        """References."""
        return [person_of(typed) for typed in split(self.cleaned_data["person"])]

    def clean_record(self) -> list[str]:
        """Ids."""
        return [typed.upper() for typed in split(self.cleaned_data["record"])]

    def clean(self) -> dict[str, Any]:
        """It is on something."""
        given = super().clean() or {}
        if not self.errors and not (given["person"] or given["record"] or given["incident"].strip()):
            raise forms.ValidationError("Say what the hold is on: people, records or an incident")
        return given


class WhyForm(forms.Form):
    """A reason."""

    why = words("Why?", "It is kept with your name.")


class SeenForm(forms.Form):
    """A button alone; ``seen`` stands for what was shown with it."""

    seen = forms.CharField(widget=forms.HiddenInput(), required=False)


class KeepForm(forms.Form):
    """A line that stays."""

    why = words("Why is it kept longer?", _NAME_NOBODY)
    until = day_field("Somebody looks at it again on")
