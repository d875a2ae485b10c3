"""Papers that were signed on the pick-up pages, and that the register does not know yet: offered where they belong."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django import forms

from domain.here import HERE
from domain.model import Category
from register import models as m
from vault.pickup.signatures import SignedPaper, about
from web.console.register.change import RowForm
from web.pages.forms import Radios
from web.pages.templatetags.pages import day

FORM, AGREEMENT = Category.PERMISSION_FORM.value, Category.PLACEMENT_AGREEMENT.value
LOOKED_BACK = timedelta(days=90)
"""How long the start page and the list name one that nobody has put anywhere. Where it belongs, it is offered on."""
_NONE = "Nothing was signed on the pick-up pages about this person that the register does not have."


def waiting(people: Collection[str], kinds: Collection[str], since: datetime | None = None) -> list[SignedPaper]:
    """Of these kinds, about these people (references); the newest first."""
    found = [paper for paper in about(people, since) if paper.classes & set(kinds)]
    records = [paper.record for paper in found]
    known = set(m.Permission.objects.filter(document__in=records).values_list("document", flat=True))
    known |= set(m.Placement.objects.filter(agreement__in=records).values_list("agreement", flat=True))
    return [paper for paper in found if paper.record not in known]


def lately(people: Collection[str], now: datetime) -> list[SignedPaper]:
    """What an officer is told of."""
    return waiting(people, (FORM, AGREEMENT), now - LOOKED_BACK)


def kind(paper: SignedPaper) -> str:
    """What it is called."""
    return " and ".join(Category(k).label for k in (FORM, AGREEMENT) if k in paper.classes)


def said(paper: SignedPaper) -> str:
    """As one of several to choose from."""
    return f"Signed on {day(paper.at.astimezone(HERE).date())} by {paper.by}, record {paper.record}"


class PaperForm(RowForm):
    """Which of those that wait."""

    KIND = ""

    record = forms.ChoiceField(label="Which one?", widget=Radios(), error_messages={"required": "Choose the paper."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers = {paper.record: paper for paper in waiting([self.person().ref], [self.KIND])}
        choices = [(record, said(paper)) for record, paper in self.papers.items()]
        self.fields["record"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            self.fields["record"].help_text = _NONE

    def person(self) -> m.Person:
        """Whom it is about."""
        row: m.Person = self.row.person if hasattr(self.row, "person_id") else self.row
        return row


class FormPaper(PaperForm):
    """The signed form of a permission."""

    KIND = FORM


class AgreementPaper(PaperForm):
    """The signed agreement of a placement."""

    KIND = AGREEMENT

    placement = forms.ChoiceField(
        label="Of which placement is it?", widget=Radios(), error_messages={"required": "Choose the placement."}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = m.Placement.objects.filter(person=self.row).select_related("household").order_by("-starts")
        self.fields["placement"].choices = [(str(p.pk), _home(p)) for p in rows]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """With the day of the signature."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "record" in data:
            data["agreed_on"] = self.papers[data["record"]].at.astimezone(HERE).date()
        return data


def _home(row: m.Placement) -> str:
    until = day(row.ends) if row.ends else "now"
    return f"{row.household.name or row.household.code}, {day(row.starts)} to {until}"
