"""What a reviewer fills in. Each form gives an ``Order`` as ``vault/held/settling.py`` takes it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from domain.decision import Decision
from domain.model import Category
from domain.ruling import ReviewRules
from register import persons
from register.persons import Someone
from vault.held.copy import Copy
from vault.held.settling import Order
from vault.models import SettlementKind
from web.pages.forms import Checkboxes

_WHY = {"required": "Say why. It goes to the audit trail with your name."}
_TWO = "A second reviewer has to agree."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _why() -> forms.CharField:
    return forms.CharField(
        label="Why", max_length=500, error_messages=_WHY,
        help_text="For the audit trail. For example: I rang the clinic; the letter is hers.",
    )  # fmt: skip


class ReleaseForm(forms.Form):
    """Let it leave: whom it is about, what gives way, what it is not."""

    about = forms.MultipleChoiceField(
        required=False, label="The mail is about", widget=Checkboxes(),
        help_text="The register then says whether this recipient may know about them.",
    )  # fmt: skip
    others = forms.CharField(
        required=False, max_length=200, label="Somebody else whom it is about",
        help_text="Their council ID, such as SL-00001. With more than one, put commas between.",
    )  # fmt: skip
    accepts = forms.MultipleChoiceField(
        required=False, label="I looked into this, and it is right", widget=Checkboxes(),
        help_text="Leave it open where the mail still has to be held for it.",
    )  # fmt: skip
    is_not = forms.MultipleChoiceField(
        required=False, label="It was taken for this, and is not", widget=Checkboxes(),
        help_text=f"It is kept, so that the classifier can be corrected. {_TWO}",
    )  # fmt: skip
    why = _why()

    def __init__(
        self, decision: Decision, copy: Copy, rules: ReviewRules, known: Collection[Someone], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        doubts = {r.rule: r.why for r in decision.decisive if r.rule in rules.acceptable}
        self._offer("accepts", list(doubts.items()), {r: _TWO for r in doubts if r in rules.two_people})
        self._offer("about", [(s.ref, str(s)) for s in sorted(known, key=str)], {})
        kinds = dict.fromkeys(f.category for f in copy.found)
        self._offer("is_not", [(kind, _capital(Category(kind).label)) for kind in kinds], {})

    def _offer(self, name: str, choices: Sequence[tuple[str, str]], hints: dict[str, str]) -> None:
        """Nothing to choose is not asked for."""
        if not choices:
            del self.fields[name]
            return
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields[name].widget.hints = hints

    def clean_others(self) -> frozenset[str]:
        """References. Raises ``ValidationError`` for a council ID that nobody has."""
        typed = [each for each in re.split(r"[\s,;]+", self.cleaned_data["others"]) if each]
        found = persons.by_council_id(typed)
        if missing := [each for each in typed if each not in found]:
            raise ValidationError("Nobody in the register has the council ID '%(id)s'.", params={"id": missing[0]})
        return frozenset(s.ref for s in found.values())

    def order(self, by: str) -> Order:
        """As it is ruled."""
        said = self.cleaned_data
        return Order(
            SettlementKind.RELEASE, by, said["why"],
            accepts=frozenset(said.get("accepts", ())),
            about=frozenset(said.get("about", ())) | said["others"],
            is_not=frozenset(Category(kind) for kind in said.get("is_not", ())),
        )  # fmt: skip


class RedirectForm(forms.Form):
    """Send it to another address in place of this one."""

    to = forms.CharField(
        label="The right address", max_length=320, error_messages={"required": "Type the address."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    again = forms.CharField(
        label="The address once more", max_length=320, error_messages={"required": "Type the address once more."},
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    why = _why()

    def clean_to(self) -> str:
        """Raises ``ValidationError`` for what is no address."""
        typed = str(self.cleaned_data["to"]).strip()
        try:
            validate_email(typed)
        except ValidationError:
            raise ValidationError("Write the address as name@example.org.") from None
        return typed

    def clean(self) -> dict[str, Any]:
        """Typed twice the same: a slip here sends it to a stranger."""
        said = super().clean() or {}
        if said.get("to") and said.get("again") and said["to"].casefold() != said["again"].strip().casefold():
            self.add_error("again", "The two addresses are not the same.")
        return said

    def order(self, by: str) -> Order:
        """As it is ruled."""
        return Order(SettlementKind.RELEASE, by, self.cleaned_data["why"], to=self.cleaned_data["to"])


class BackForm(forms.Form):
    """Return it, or reject it: with a note to the officer."""

    note = forms.CharField(
        label="Note to the officer", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What is wrong, and what they can do. Write nothing confidential: it goes by ordinary mail.",
        error_messages={"required": "Write a note to the officer: what is wrong, and what they can do."},
    )  # fmt: skip
    why = _why()

    def __init__(self, kind: SettlementKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind = kind

    def order(self, by: str) -> Order:
        """As it is ruled."""
        return Order(self._kind, by, self.cleaned_data["why"], self.cleaned_data["note"])


class DisagreeForm(forms.Form):
    """A second reviewer does not agree."""

    why = _why()
