"""The questions, each a page, by what is added. What cannot be is said on its page, as far as it can be known there."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from domain.identifiers import valid_nhs_number
from domain.permission import PartyKind
from register import models as m
from web.console.may import Who
from web.console.register import scope
from web.console.register.days import DayField
from web.console.register.fields import IN_WHICH_LANGUAGE, language, text

LONGEST = 64


class AddForm(forms.Form):
    """``title`` is the page's heading where it asks several things. ``whoever`` asks."""

    title = ""

    def __init__(self, *args: Any, whoever: Who, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whoever = whoever

    def answers(self) -> dict[str, Any]:
        """As the session keeps them."""
        return {n: v.isoformat() if isinstance(v, date) else v for n, v in self.cleaned_data.items() if v is not None}


def id_of(what: str) -> forms.CharField:
    """The council's own name of it."""
    return text("Id", hint=f"As the council's case system names {what}, such as C-501", required="Type the id.",
                longest=LONGEST)  # fmt: skip


class Coded(AddForm):
    """With an id that nobody has yet."""

    def clean_code(self) -> str:
        """Raises ``ValidationError`` for one that is taken."""
        code: str = self.cleaned_data["code"].strip()
        if any(table.objects.filter(code__iexact=code).exists() for table in (m.Party, m.Organisation)):
            raise ValidationError("The register has this id already. Find it, and change what is there.")
        return code


class NameForm(AddForm):
    """A person's names."""

    title = "What are they called?"
    name = text("Name", hint="First name and last name", required="Type the name.", longest=200)
    others = text("Other names", hint="Former and other names that letters may use, a line each", rows=3, longest=2_000)


class NumbersForm(AddForm):
    """What tells them from others of their name."""

    title = "Which numbers do they have?"
    council_id = text("Council ID", required="Type the council ID.", longest=32)
    born = DayField("Date of birth", required=False, hint="For example, 27 3 1961. Leave it empty if it is not known")
    nhs_number = text("NHS number", hint="Ten digits. Leave it empty if it is not known", longest=20)

    def clean_council_id(self) -> str:
        """Raises ``ValidationError`` for one that is taken, or that no mail would be recognised by."""
        number: str = self.cleaned_data["council_id"].strip().upper()
        if not re.fullmatch(settings.SALLYPORT_COUNCIL_ID, number, re.IGNORECASE):
            raise ValidationError("This does not look like a council ID of this service. Check how it is written.")
        if m.Person.objects.filter(council_id__iexact=number).exists():
            raise ValidationError("The register has this council ID already.")
        return number

    def clean_nhs_number(self) -> str:
        """Its digits. Raises ``ValidationError`` for what is none."""
        digits: str = self.cleaned_data["nhs_number"].replace(" ", "").replace("-", "")
        if digits and not valid_nhs_number(digits):
            raise ValidationError("This is not an NHS number. Check its ten digits.")
        if digits and m.Person.objects.filter(nhs_number=digits).exists():
            raise ValidationError("Somebody in the register has this NHS number already.")
        return digits


class HomeForm(AddForm):
    """Where they live, as far as it is known."""

    title = "Where do they live?"
    household = text("Household", hint="Its id. Leave it empty if they are not placed yet", longest=LONGEST)
    household_from = DayField("First day there", required=False, hint="For example, 27 3 2026")

    def clean(self) -> dict[str, Any]:
        """A household that is there, with a day."""
        found: dict[str, Any] = super().clean() or {}
        code = found.get("household", "").strip()
        if code and not m.Household.objects.filter(code=code).exists():
            self.add_error("household", "There is no household with that id. Add it first.")
        if code and not self.errors and not found.get("household_from"):
            self.add_error("household_from", "Type the first day there.")
        return found


class OfficerForm(AddForm):
    """Whose person they are. An officer adds people of their own team."""

    title = "Who looks after them?"
    officer = forms.ChoiceField(label="Officer", error_messages={"required": "Choose the officer."})
    officer_from = DayField("First day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = scope.officers(self.whoever).order_by("name").values_list("code", "name")
        self.fields["officer"].choices = [("", "Choose"), *((c, f"{n} ({c})") for c, n in rows)]  # type: ignore[attr-defined]


class MailboxForm(Coded):
    """Somebody with a mailbox."""

    title = "Who is it?"
    name = text("Name", required="Type the name.", longest=200)
    email = forms.EmailField(
        label="E-mail address",
        help_text="The one that mail to them goes to. Ring them, and have them spell it",
        error_messages={"required": "Type the address.", "invalid": "Write the address as name@example.org."},
    )
    code = id_of("them")


class CarerHomeForm(AddForm):
    """Where a carer lives, and since when they are approved."""

    title = "Where do they live?"
    household = text("Household", hint="The household's id", required="Type the id of the household.", longest=LONGEST)
    starts = DayField("Approved as a carer since")

    def clean_household(self) -> str:
        """Raises ``ValidationError`` for one that is none, or where people of another team live."""
        code: str = self.cleaned_data["household"].strip()
        if not m.Household.objects.filter(code=code).exists():
            raise ValidationError("There is no household with that id. Add it first.")
        if not scope.may_send_to_live_or_help(self.whoever, code):
            raise ValidationError("People of another team live there. Their officer or the records officer does this.")
        return code


class WorkForm(AddForm):
    """A professional's work."""

    title = "Where do they work?"
    organisation = text("Organisation", hint="Its id. Leave it empty if they work for themselves", longest=LONGEST)
    role = text("What they are", hint="Such as GP, district nurse, solicitor", longest=100)

    def clean_organisation(self) -> str:
        """Raises ``ValidationError`` for one that is none."""
        code: str = self.cleaned_data["organisation"].strip()
        if code and not m.Organisation.objects.filter(code=code).exists():
            raise ValidationError("There is no organisation with that id. The records officer adds it.")
        return code


class WhoseForm(AddForm):
    """Whose family, or whose representative."""

    title = "Whom do they belong to?"
    person = text("Council ID of the person", required="Type the council ID.", longest=32)
    role = text("What they are to them", hint="Such as sister, deputy for money matters", longest=100)

    def clean_person(self) -> str:
        """Raises ``ValidationError`` for somebody who is not theirs to change, as for nobody."""
        number: str = self.cleaned_data["person"].strip()
        row = scope.people(self.whoever, change=True).filter(council_id__iexact=number).first()
        if row is None:
            raise ValidationError("Nobody whose records you may change has this council ID.")
        return str(row.council_id)


class LanguageForm(AddForm):
    """In which language they are written to."""

    title = IN_WHICH_LANGUAGE
    language = language()


class PostForm(AddForm):
    """An officer's post."""

    title = "What is their post?"
    role = text("What they are", hint="Such as Shared Lives Officer", longest=100)
    team = forms.ChoiceField(
        label="Team", help_text="They see and change the people of its other officers, too", required=False
    )
    starts = DayField("First day in this post", required=False, hint="For example, 27 3 2026")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = teams()  # type: ignore[attr-defined]


def teams() -> list[tuple[str, str]]:
    """Each team, and none, as a list shows them."""
    rows = m.Team.objects.order_by("name", "code").values_list("code", "name")
    return [("", "None"), *((code, f"{name} ({code})" if name else code) for code, name in rows)]


PARTIES = {
    "carer": PartyKind.CARER,
    "professional": PartyKind.PROFESSIONAL,
    "family": PartyKind.FAMILY,
    "representative": PartyKind.REPRESENTATIVE,
    "officer": PartyKind.OFFICER,
}
