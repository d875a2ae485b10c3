"""What the breach team types to search, and to keep a search."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from domain.model import Address, Category
from domain.retention import CORRESPONDENCE
from web.pages.forms import Radios

DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y")
MOMENTS = ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%d %B %Y %H:%M")
CLASSES = {c.value: c.label[:1].upper() + c.label[1:] for c in Category} | {CORRESPONDENCE: "Correspondence"}
DECIDED = {
    "plain": "Sent in the clear",
    "encrypt": "Sent protected",
    "hold": "Held",
    "reject": "Refused",
    "defer": "Put off",
}
OPENED = {"yes": "Opened by a recipient", "no": "Not opened by a recipient"}
_OPENED = (("", "Either"), ("yes", "Yes"), ("no", "No"))
_LONGEST = 2_000
_WHY = 200


def why_field(label: str, help_text: str = "", *, required: bool = True) -> forms.CharField:
    """A reason, in one line."""
    said = help_text or "It goes to the audit trail with your name."
    return forms.CharField(
        label=label, help_text=said, required=required, max_length=500, error_messages={"required": "Write the reason."}
    )


class SearchForm(forms.Form):
    """The one box. What stands in it the engine's grammar reads; it is the engine that says what is wrong."""

    q = forms.CharField(
        label="Look for",
        max_length=_LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Write what to look for."},
    )
    why = forms.CharField(
        label="What for (optional)",
        help_text="A number or a few words, for the audit trail.",
        required=False,
        max_length=_WHY,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class FieldsForm(forms.Form):
    """The same question, a field a line. Empty fields ask nothing."""

    words = forms.CharField(label="Words", help_text="In the mail, its files or their names.", required=False)
    person = forms.CharField(label="About whom", help_text="A council ID or a whole name.", required=False)
    recipient = forms.CharField(label="Recipient's address", required=False)
    domain = forms.CharField(label="Recipient's organisation", help_text="Such as surgery.example.", required=False)
    officer = forms.CharField(label="Officer's address", help_text="Who sent it.", required=False)
    decided = forms.ChoiceField(label="Decision", choices=[("", "Any"), *DECIDED.items()], required=False)
    first = forms.DateField(label="From", help_text="As 28/02/2026.", input_formats=DAYS, required=False)
    last = forms.DateField(label="To", help_text="As 28/02/2026.", input_formats=DAYS, required=False)
    opened = forms.ChoiceField(
        label="Opened by a recipient",
        help_text="Of mail on the pick-up page alone. Of other mail it cannot be known, so neither finds it.",
        choices=_OPENED,
        required=False,
        widget=Radios(),
    )
    seen = forms.ChoiceField(label="Looked at by somebody here", choices=_OPENED, required=False, widget=Radios())

    field_order = (
        *("words", "person", "recipient", "domain", "officer", "class", "decided", "first", "last"),
        *("opened", "seen"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class"] = forms.ChoiceField(
            label="Kind of document", choices=[("", "Any"), *CLASSES.items()], required=False
        )
        self.order_fields(self.field_order)
        for name in ("first", "last"):
            self.fields[name].error_messages["invalid"] = "Write the day as 28/02/2026."
            self.fields[name].widget.attrs["data-width"] = "10"

    def clean(self) -> dict[str, Any]:
        """Something is asked, and a time ends after it began."""
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("first"), found.get("last")
        if isinstance(first, date) and isinstance(last, date) and first > last:
            self.add_error("last", "The last day is before the first.")
        if not self.errors and not any(found.values()):
            raise forms.ValidationError("Fill in one field at least.")
        return found


class KeepForm(forms.Form):
    """Who is told of new records, and what for."""

    to = forms.EmailField(
        label="Who is told of new mails",
        help_text="A mailbox of the council. It gets the new mails' numbers, and no words.",
        error_messages={"required": "Write who is told.", "invalid": "Write the address as name@example.org."},
    )
    why = why_field("What for", "It names this search in the list, and goes to the audit trail. Name nobody.")

    def __init__(self, domains: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._domains = domains

    def clean_to(self) -> Address:
        """Raises ``ValidationError`` for a mailbox elsewhere."""
        address = Address.of(self.cleaned_data["to"])
        if not address.belongs_to(self._domains):
            raise forms.ValidationError("That is not a mailbox of the council.")
        return address


class WhyForm(forms.Form):
    """A reason alone."""

    why = why_field("Why")
