"""The questions where what is added has no mailbox: organisations, households, teams."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from register import models as m
from web.console.register.adding.forms import LONGEST, AddForm, Coded, id_of
from web.console.register.fields import text


class OrganisationForm(Coded):
    """A surgery, a trust, a firm."""

    title = "Which organisation is it?"
    name = text("Name", required="Type its name.", longest=200)
    domain = text("Mail domain", hint="What stands behind the @, such as surgery.example. Mail to any address of it "
                  "counts as the organisation's. Empty if it has none of its own", longest=255)  # fmt: skip
    code = id_of("it")

    def clean_domain(self) -> str:
        """Raises ``ValidationError`` for an address."""
        domain: str = self.cleaned_data["domain"].strip().lower()
        if "@" in domain or any(c.isspace() for c in domain):
            raise ValidationError("Write the domain without @, such as surgery.example.")
        return domain


class HouseholdForm(AddForm):
    """A carer's home."""

    title = "Which household is it?"
    name = text("What it is called", hint="Such as The Elms. It may be left empty", longest=200)
    code = text("Id", hint="As the council's case system names it, such as H-12", required="Type the id.",
                longest=LONGEST)  # fmt: skip

    def clean_code(self) -> str:
        """Raises ``ValidationError`` for one that is taken."""
        code: str = self.cleaned_data["code"].strip()
        if m.Household.objects.filter(code__iexact=code).exists():
            raise ValidationError("The register has this household already.")
        return code


class TeamForm(AddForm):
    """Officers who work together."""

    title = "Which team is it?"
    name = text("Name", required="Type its name.", longest=200)
    code = text("Id", hint="As the council's case system names it, such as T-2", required="Type the id.",
                longest=LONGEST)  # fmt: skip

    def clean_code(self) -> str:
        """Raises ``ValidationError`` for one that is taken."""
        code: str = self.cleaned_data["code"].strip()
        if m.Team.objects.filter(code__iexact=code).exists():
            raise ValidationError("The register has this team already.")
        return code
