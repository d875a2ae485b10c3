"""The forms of an incident's steps. Each is made of the incident's row; what the rules refuse they say themselves."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms

from domain.errors import SallyportError
from domain.incident import ASKED, Nature, Risk
from vault.export.outgoing import ToAgeKeys
from vault.models import Incident
from web.console.breach.forms import MOMENTS
from web.pages.forms import Radios

KINDS = {
    Nature.WRONG_RECIPIENT: "It went to the wrong person",
    Nature.WRONG_CONTENT: "The wrong file, or more than was meant, went out",
    Nature.VISIBLE_RECIPIENTS: "Recipients saw each other's addresses",
    Nature.NO_PERMISSION: "It was shared without permission",
    Nature.SEEN: "Somebody saw it who may not",
    Nature.LOST: "It was lost",
    Nature.UNAVAILABLE: "It could not be had when it was needed",
    Nature.OTHER: "Something else",
}
_RISKS = {
    Risk.UNLIKELY.value: "The Commissioner need not be told. You say why; the reason is kept.",
    Risk.LIKELY.value: "The Commissioner is told within 72 hours.",
    Risk.HIGH.value: "The Commissioner is told, and the people are told, too.",
}
_HELP = {
    "nature": "In a sentence or two. Name nobody.",
    "people_kinds": "Such as: people who use the service, carers.",
    "people_number": "About how many.",
    "record_kinds": "Such as: hospital letters, risk management plans.",
    "record_number": "About how many.",
    "contact": "The data protection officer, or who else can be asked.",
    "consequences": "Such as: distress, somebody learns where they live.",
    "measures": "What was done about it, or will be.",
}
_NUMBERS = ("people_number", "record_number")
_ID = re.compile(r"[0-9A-Za-z]{26}")
_MOST = 1_000_000


def moment_field(label: str, help_text: str) -> forms.DateTimeField:
    """A time as people here write it; empty is now."""
    return forms.DateTimeField(
        label=label,
        help_text=help_text,
        required=False,
        input_formats=MOMENTS,
        widget=forms.TextInput(attrs={"data-width": "20", "autocomplete": "off"}),
        error_messages={"invalid": "Write the time as 28/02/2026 14:30."},
    )


def text_field(label: str, help_text: str, *, required: bool = True, rows: int = 4) -> forms.CharField:
    """Some sentences."""
    area = forms.Textarea(attrs={"rows": rows})
    errors = {"required": "Write the reason."}
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=10_000, widget=area, error_messages=errors
    )


def ids_in(text: str) -> list[str]:
    """Records' numbers, however they are separated. Raises ``ValidationError`` for what is none."""
    words = re.split(r"[\s,;]+", text.strip())
    if wrong := [w for w in words if w and not _ID.fullmatch(w)]:
        raise forms.ValidationError(f"'{wrong[0][:40]}' is not a mail's number; they have 26 letters and digits.")
    return [w.upper() for w in words if w]


class OpenForm(forms.Form):
    """A new incident."""

    kind = forms.ChoiceField(
        label="What went wrong?",
        choices=[(n.value, text) for n, text in KINDS.items()],
        widget=Radios(),
        error_messages={"required": "Choose what went wrong."},
    )
    aware = moment_field(
        "When did you become aware of it?",
        "As 28/02/2026 14:30. Empty means this moment. The 72 hours count from then.",
    )
    nature = text_field("What happened? (optional)", "In a sentence or two. Name nobody.", required=False)
    records = forms.CharField(
        label="Mails that it is about (optional)",
        help_text="Their numbers, a line each. You can add more later.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def clean_records(self) -> list[str]:
        """Their numbers."""
        return ids_in(self.cleaned_data["records"])


class StepForm(forms.Form):
    """Of one incident."""

    def __init__(self, row: Incident, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row


class AddForm(StepForm):
    """More mails."""

    records = forms.CharField(
        label="Mails",
        help_text="Their numbers, a line each, as a search or a mail's page shows them.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        error_messages={"required": "Write the number of one mail at least."},
    )

    def clean_records(self) -> list[str]:
        """Their numbers."""
        return ids_in(self.cleaned_data["records"])


class JudgeForm(StepForm):
    """How likely a risk to the people is."""

    risk = forms.ChoiceField(
        label="How likely is a risk to the people?",
        help_text="To their rights and freedoms: distress, discrimination, danger, loss of money, loss of trust.",
        choices=[(Risk.UNLIKELY.value, "Unlikely"), (Risk.LIKELY.value, "Likely"), (Risk.HIGH.value, "High")],
        widget=Radios(hints=_RISKS),
        error_messages={"required": "Choose how likely a risk is."},
    )


class ReportForm(StepForm):
    """The Commissioner was told."""

    number = forms.CharField(
        label="The Commissioner's number for it",
        max_length=200,
        error_messages={"required": "Write the number that the Commissioner gave it."},
    )
    at = moment_field("When were they told?", "As 28/02/2026 14:30. Empty means this moment.")
    late_because = text_field("After 72 hours: why so late? (optional)", "It is kept in the register.", required=False)


class BecauseForm(StepForm):
    """A reason."""

    because = text_field("Why?", "It is kept in the register of breaches. Name nobody.")


class TellForm(StepForm):
    """The people were told."""

    at = moment_field("When were they told?", "As 28/02/2026 14:30. Empty means this moment.")


class WriteForm(StepForm):
    """The Commissioner's fields (UK GDPR Art. 33(3)). Name nobody: the records say whom they are about."""

    def __init__(self, row: Incident, *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        for name, label in ASKED.items():
            if name in _NUMBERS:
                self.fields[name] = forms.IntegerField(
                    label=label,
                    help_text=_HELP[name],
                    required=False,
                    min_value=0,
                    max_value=_MOST,
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "data-width": "5"}),
                    error_messages={"invalid": "Write a number, such as 3.", "min_value": "Write 0 or more."},
                )
            else:
                self.fields[name] = text_field(label, _HELP[name], required=False, rows=3)
            self.fields[name].initial = getattr(row, name)

    def written(self) -> dict[str, str | int | None]:
        """What is other than before."""
        return {n: v for n, v in self.cleaned_data.items() if v != getattr(self.row, n)}


class BundleForm(StepForm):
    """For whom the evidence is."""

    purpose = forms.CharField(
        label="What is it needed for?", max_length=500, error_messages={"required": "Write what it is needed for."}
    )
    key = forms.CharField(
        label="The receiver's age key",
        help_text="It begins with age1. They make it, and tell it by a way you trust.",
        max_length=2_000,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
        error_messages={"required": "Write the receiver's key."},
    )

    def clean_key(self) -> str:
        """Raises ``ValidationError`` for what nobody can be sealed to."""
        try:
            ToAgeKeys([self.cleaned_data["key"]])
        except (SallyportError, ValueError) as error:
            raise forms.ValidationError("This is not an age key; it begins with age1.") from error
        return str(self.cleaned_data["key"])


def when(at: datetime | None, now: datetime) -> datetime:
    """A time as typed, else now."""
    return at or now
