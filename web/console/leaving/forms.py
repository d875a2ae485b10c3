"""What an officer says about a parting."""

from __future__ import annotations

from typing import Any

from django import forms

from vault.leaving.cases import LONGEST
from web.console.register.days import DayField
from web.console.register.fields import text


class AskForm(forms.Form):
    """What the carer may keep, and who agreed to it (the policy: discussed with the officer, agreed by the team)."""

    keeps = text(
        "What may the carer keep, and what for?", rows=3, longest=LONGEST,
        hint="For example: mileage sheets from April 2026 to March 2027, for tax. Leave it empty for nothing. "
        "The carer reads it.",
    )  # fmt: skip
    agreed_by = text("Who of the Management Team agreed?", hint="Their name. Empty, if the carer keeps nothing")
    agreed_on = DayField("When did they agree?", required=False)

    def clean(self) -> dict[str, Any]:
        """What is kept was agreed."""
        given = super().clean() or {}
        if given.get("keeps") and not given.get("agreed_by"):
            self.add_error("agreed_by", "Say who of the Management Team agreed to what the carer keeps.")
        return given


class DoneForm(forms.Form):
    """The end of it. ``why`` is asked for where the carer's signature does not say that all is gone."""

    why = text("Is there something to note?", rows=3, longest=500)

    def __init__(self, *args: Any, clear: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not clear:
            self.fields["why"] = text(
                "How did you make sure that everything is back and deleted?", rows=3, longest=500,
                required="Say how you made sure.", hint="For example: visited them on 3 May, they signed on paper.",
            )  # fmt: skip
