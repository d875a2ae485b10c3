"""The forms of containing a breach: of several recipients or pick-ups some are chosen."""

from __future__ import annotations

from typing import Any

from django import forms

from domain.model import Address
from vault.models import Incident
from web.console.breach.forms import why_field
from web.console.breach.incident_forms import StepForm, text_field
from web.pages.forms import Checkboxes


class ChooseForm(StepForm):
    """Some of several. ``offered`` are values and labels."""

    chosen = forms.MultipleChoiceField(
        label="Choose", widget=Checkboxes(), required=False, error_messages={"invalid_choice": "Choose again."}
    )

    def __init__(self, row: Incident, offered: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(row, *args, **kwargs)
        self.fields["chosen"].choices = offered  # type: ignore[attr-defined]
        if not offered:
            del self.fields["chosen"]

    def clean(self) -> dict[str, Any]:
        """One at least."""
        found: dict[str, Any] = super().clean() or {}
        if not self.errors.keys() & {"chosen", "other"} and not (found.get("chosen") or found.get("other")):
            raise forms.ValidationError("Choose one at least.")
        return found


class StopForm(ChooseForm):
    """To whom nothing may go for now."""

    other = forms.EmailField(
        label="Another address (optional)",
        required=False,
        error_messages={"invalid": "Write the address as name@example.org."},
    )

    def addresses(self) -> list[Address]:
        """All of them."""
        found = [*self.cleaned_data.get("chosen", []), *filter(None, [self.cleaned_data.get("other")])]
        return [Address.of(text) for text in found]


class LetGoForm(ChooseForm):
    """To whom mail is decided by the rules again."""

    because = text_field("Why may mail go to them again?", "It goes to the audit trail with your name.")


class RevokeForm(ChooseForm):
    """What waits, and is closed."""

    why = why_field("Why")
