"""What an officer types about their own mail."""

from __future__ import annotations

from typing import Any

from django import forms

from vault.held.asking import LONGEST
from vault.sent import Show
from web.pages.forms import Radios

_SHOW = (
    (Show.EVERYTHING.value, "Everything"),
    (Show.HELD.value, "Held for a reviewer"),
    (Show.STOPPED.value, "Returned, rejected or refused"),
    (Show.PICK_UP.value, "Waiting to be picked up, or picked up"),
)
_CALLERS = (
    ("rang back the number in the register", "I rang back the number in the register"),
    ("knows the caller, and asked what only they know", "I know them, and asked what only they would know"),
    ("the caller is here", "They are here with me"),
    ("other", "Another way"),
)


def day(label: str) -> forms.DateField:
    """A day, as the browser's own calendar gives it; without one it is typed."""
    widget = forms.DateInput(attrs={"type": "date", "data-width": "10"}, format="%Y-%m-%d")
    messages = {"invalid": f"{label}: write the day as 2026-02-28."}
    return forms.DateField(label=label, required=False, widget=widget, error_messages=messages)


class FilterForm(forms.Form):
    """What is shown."""

    show = forms.ChoiceField(label="Show", choices=_SHOW, required=False)
    to = forms.CharField(label="Recipient", max_length=100, required=False)
    since = day("From")
    until = day("To")


class WhyForm(forms.Form):
    """A reason for the audit trail."""

    why = forms.CharField(
        label="Why?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why."},
        help_text="It is kept with your name. Do not write what is in the mail.",
    )


class CallerForm(forms.Form):
    """How the officer made sure who calls."""

    how = forms.ChoiceField(
        label="How did you make sure who it is?",
        choices=_CALLERS,
        required=False,
        widget=Radios(hints={"other": "Say how, below"}),
    )
    other = forms.CharField(label="If another way: how?", max_length=LONGEST, required=False)

    def clean(self) -> dict[str, Any]:
        """Something was said."""
        given = super().clean() or {}
        if not self.why:
            raise forms.ValidationError("Say how you made sure who it is")
        return given

    @property
    def why(self) -> str:
        """As it is written to the trail."""
        given = self.cleaned_data
        how = str(given.get("how") or "other")
        return str(given.get("other") or "").strip() if how == "other" else how
