"""The questions, each a page. What the Mental Capacity Act 2005 asks stands in the words that people use."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from config.django import SETTINGS
from domain.here import HERE
from domain.permission import Capacity, PartyKind
from register import models as m
from register.models.recorded import valid_on
from register.papers import filed
from register.recording.frame import assessment_on
from web import clock
from web.console.register import signed_papers
from web.console.register.days import DayField
from web.console.register.fields import kinds, purposes, text
from web.console.register.recipients import recipient_of
from web.pages.forms import Radios
from web.pages.templatetags.pages import day

ELSE, ON_THE_PAGE = "else", "page"


class StepForm(forms.Form):
    """A page's question, about this person. ``title`` is for pages with several; else the question is the heading."""

    title = ""

    def __init__(self, *args: Any, person: m.Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def answers(self) -> dict[str, Any]:
        """As the session keeps them."""
        return {n: v.isoformat() if isinstance(v, date) else v for n, v in self.cleaned_data.items() if v is not None}


def signers_of(person: m.Person) -> list[tuple[str, str]]:
    """The person themselves, and who acts for them, where they have a mailbox: code and words."""
    kinds_ = (PartyKind.PERSON.value, PartyKind.REPRESENTATIVE.value)
    today = clock.now().astimezone(HERE).date()
    found = m.Party.objects.filter(valid_on(today), person=person, kind__in=kinds_).exclude(email="")
    return [(p.code, f"{p.name} ({p.role or p.kind}), {p.email}") for p in found.order_by("kind", "name")]


def _radios(label: str, required: str, *choices: tuple[str, str, str], hint: str = "") -> forms.ChoiceField:
    """``choices`` are value, words, and a line beneath."""
    return forms.ChoiceField(
        label=label,
        help_text=hint,
        choices=[(v, words) for v, words, _ in choices],
        widget=Radios(hints={v: beneath for v, _, beneath in choices if beneath}),
        error_messages={"required": required},
    )


class _Past(DayField):
    """A day that is not to come."""

    def clean(self, value: Any) -> date | None:
        """Raises ``ValidationError``."""
        day = super().clean(value)
        if day is not None and day > clock.now().astimezone(HERE).date():
            raise ValidationError("The day cannot lie in the future.")
        return day


class CapacityStep(StepForm):
    """Mental Capacity Act 2005 ss.1 to 3: presumed, and about this decision."""

    capacity = _radios(
        "Can they decide for themselves whether this information is shared?",
        "Choose whether they can decide.",
        (Capacity.HAS.value, "Yes", "They understand it, can weigh it, and can say what they want"),
        (Capacity.FLUCTUATES.value, "At times", "They decide now, while they can; it is reviewed sooner"),
        (Capacity.LACKS.value, "No", "It was assessed for this decision, with all the help that could be given"),
        hint="It is presumed that they can, until an assessment of this very decision says otherwise.",
    )


ASSESSED = (Capacity.LACKS, Capacity.FLUCTUATES)
ASSESSED_ANEW = "new"


class ReliedStep(StepForm):
    """Which assessment this rests on: the one that the register has, shown, or a new one of this very decision."""

    relied = _radios("Which assessment does this rest on?", "Choose which assessment this rests on.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = assessment_on(self.person, clock.now().astimezone(HERE).date())
        field: Any = self.fields["relied"]
        field.help_text = "Capacity is about one decision, at one time. An old assessment may not hold for this one."
        field.choices = [("known", _assessment(row)), (ASSESSED_ANEW, "A new one. I record it on the next page")]
        field.widget.hints = {"known": row.notes or "What they found is not recorded"} if row else {}


def _assessment(row: m.CapacityAssessment | None) -> str:
    """When, what, and by whom."""
    if row is None:
        return "None is recorded"
    found = {Capacity.LACKS: "they cannot decide", Capacity.FLUCTUATES: "they can decide at times"}
    when = f"of {day(row.starts)}" if row.starts else "without a day"
    by = f"assessed by {row.assessor}" if row.assessor else "who assessed it is not recorded"
    return f"The one {when}: {found.get(Capacity(row.capacity), row.capacity)}; {by}"


class AssessmentStep(StepForm):
    """What differs from the register is an assessment that is not recorded yet."""

    title = "The assessment"

    assessed_on = _Past("When was it assessed whether they can decide?")
    assessor = text("Who assessed it?", required="Type who assessed it.", longest=200)
    notes = text("What did they find?", hint="What they could not do, and how they were helped", rows=5)


class InsteadStep(StepForm):
    """Who may decide in their place."""

    instead = _radios(
        "Who decides in their place?",
        "Choose who decides.",
        ("decision", "The service, in their best interests", "With those who know them, as the Act asks"),
        ("attorney", "An attorney", "Their power of attorney covers this, and is registered"),
        ("deputy", "A deputy", "The Court of Protection's order covers this"),
    )


class SignedStep(StepForm):
    """When and how the form was signed; or who signs it on the pick-up page."""

    title = "The signed form"

    signed_on = _Past("When was the form signed?", required=False)
    how = _radios(
        "How was it given?",
        "Choose how it was given.",
        ("paper", "On paper", ""),
        ("digital", "Digitally signed", ""),
        ("spoken", "Spoken, and written down", ""),
    )
    document = text(
        "Record of the signed paper",
        hint="Its number, if it is in the vault already. It can be filed later.",
        longest=64,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if papers := signed_papers.waiting([self.person.ref], [signed_papers.FORM]):
            self.fields["document"].help_text = "; ".join(map(signed_papers.said, papers))
        signers = signers_of(self.person)
        if not signers or not SETTINGS.pickup.recipient:
            return
        how: Any = self.fields["how"]
        how.choices = [*how.choices, (ON_THE_PAGE, "Not yet: they sign it on the pick-up page")]
        how.widget.hints = {ON_THE_PAGE: "They get a mail with a link. Once they have signed, you record it."}
        self.fields["signer"] = forms.ChoiceField(
            label="If not yet: who signs?", choices=signers, widget=Radios(), required=False
        )

    def clean(self) -> dict[str, Any]:
        """A day for what is signed, somebody for what is not."""
        given = super().clean() or {}
        if given.get("how") == ON_THE_PAGE:
            given["signed_on"], given["document"] = None, ""
            if not given.get("signer"):
                self.add_error("signer", "Choose who signs.")
        elif not given.get("signed_on") and "signed_on" not in self.errors:
            self.add_error("signed_on", "Type the day on which the form was signed.")
        return given

    def clean_document(self) -> str:
        """Raises ``ValidationError`` for what is no record about this person."""
        record: str = self.cleaned_data["document"].strip().upper()
        if record and not filed(record, self.person.ref):
            raise ValidationError("The vault has no record of that number about this person. Leave it empty for now.")
        return record


class DecisionStep(StepForm):
    """What was decided, and when."""

    title = "The decision"

    decision = text(
        "What was decided?",
        hint="Which information, for whom, and what for: this sharing alone",
        required="Say what was decided.",
        rows=5,
    )
    decided_on = _Past("When was it decided?")


class CircumstancesStep(StepForm):
    """All relevant circumstances; whether it can wait."""

    title = "The circumstances"

    circumstances = text("What bears on it, and why can they not decide?", required="Say what bears on it.", rows=5)
    regaining = text("May they be able to decide later?", hint="If so, can it wait until then?", rows=3)


class ParticipationStep(StepForm):
    """The person in the decision."""

    participation = text(
        "How did they take part?",
        hint="What helped them: pictures, time, somebody they trust",
        required="Say how they took part.",
        rows=5,
    )


class WishesStep(StepForm):
    """Past and present wishes, feelings, beliefs and values."""

    wishes = text(
        "What do they wish, feel and believe?",
        hint="Now and before, also what they wrote down",
        required="Say what they wish, as far as it is known.",
        rows=5,
    )


class ConsultedStep(StepForm):
    """Who knows them."""

    title = "Those who know them"

    consulted = text(
        "Who was asked, and what did they say?",
        hint="Family, carers, friends, whoever the person named",
        required="Say who was asked.",
        rows=5,
    )
    representative = text(
        "Is there an attorney, a deputy or an advocate (IMCA)?", hint="Who they are, and what they said", rows=3
    )


class MakerStep(StepForm):
    """Who answers for it."""

    decision_maker = text("Who decided?", hint="Their name and their post", required="Type who decided.", longest=200)


class ReviewStep(StepForm):
    """When it is looked at again."""

    review_due = DayField(
        "When is the next review due?",
        required=False,
        hint="Empty: as the policy says, after a year, or half a year where capacity fluctuates",
    )


class WhomForm(forms.Form):
    """One of those who are near, or somebody else by name or id."""

    title = "Add somebody"

    whom = forms.ChoiceField(
        label="Who may know?", widget=Radios(), error_messages={"required": "Choose who may know."}
    )
    other = text("Their name or id, if it is somebody else", longest=200)

    def __init__(self, *args: Any, near: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whom"].choices = [*near, (ELSE, "Somebody else")]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """``code`` is whom it is."""
        data = super().clean() or {}
        data["code"] = data.get("whom", "")
        if data["code"] == ELSE and not data.get("other", "").strip():
            self.add_error("other", "Type their name or id.")
        elif data["code"] == ELSE:
            try:
                data["code"] = recipient_of(data.get("other", "")).code
            except ValidationError as error:
                self.add_error("other", error)
        return data


class MayForm(forms.Form):
    """What they may know, and what for."""

    title = ""
    categories = kinds()
    purposes = purposes()
