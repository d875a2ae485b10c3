"""Sharing on another ground than permission: safeguarding, vital interests, a legal duty. Decided, and ended early."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst

from domain.decision import Basis
from domain.here import HERE
from domain.permission import OTHER_BASES
from domain.tags import Concern
from register import models as m
from register import recording
from web.console.doors import permits
from web.console.may import Action
from web.console.register import scope
from web.console.register.change import Change, RowForm, answer
from web.console.register.days import DayField
from web.console.register.fields import chosen, kinds, lines, text, why
from web.console.register.policy import rules
from web.console.register.recipients import recipient_of
from web.pages.forms import Radios


class GroundForm(RowForm):
    """The decision, as it is recorded."""

    basis = forms.ChoiceField(
        label="On what ground?", choices=[(b.value, capfirst(b.value)) for b in OTHER_BASES], widget=Radios(),
        error_messages={"required": "Choose the ground."},
    )  # fmt: skip
    concern = forms.ChoiceField(
        label="For safeguarding: what is the concern?", required=False, widget=Radios(),
        choices=[(c.value, capfirst(c.label)) for c in Concern],
    )  # fmt: skip
    reason = text("Why must they know?", hint="What happened, and why it cannot wait", required="Say why.", rows=5)
    recipients = text(
        "Who may know?", hint="A name, an id or an e-mail address on each line", required="Type who may know.", rows=3
    )
    categories = kinds("No more than they need to know for this.")
    until = DayField("Last day on which they may be told", hint="For example, 27 3 2026. No longer than it takes")
    decided_by = text("Who decided?", hint="Their name and post", required="Type who decided.", longest=200)

    def clean_recipients(self) -> tuple[str, ...]:
        """Codes and addresses. Raises ``ValidationError`` for somebody whom the register does not know by name."""
        typed = lines(self.cleaned_data["recipients"])
        return tuple(one if "@" in one else recipient_of(one).code for one in typed)

    def clean(self) -> dict[str, Any]:
        """Raises ``ValidationError`` for safeguarding without a concern."""
        data = super().clean() or {}
        if data.get("basis") == Basis.SAFEGUARDING.value and not data.get("concern"):
            self.add_error("concern", ValidationError("Choose the concern: safeguarding has one of these seven."))
        return data


class EndForm(RowForm):
    """Why it ends early."""

    why = why()


def _record(row: m.Person, said: dict[str, Any], now: datetime) -> object:
    over = datetime.combine(said["until"] + timedelta(days=1), time.min, HERE)
    basis = Basis(said["basis"])
    concern = Concern(said["concern"]) if basis is Basis.SAFEGUARDING else None
    new = recording.NewBasis(
        _free_code(row), row.council_id, basis, said["reason"], said["recipients"], chosen(said),
        said["decided_by"], over, concern=concern,
    )  # fmt: skip
    return recording.record_basis(new, now, rules().reviews)


def _free_code(person: m.Person) -> str:
    """The next number of this person's grounds."""
    number = m.SharingBasis.objects.filter(person=person).count() + 1
    while m.SharingBasis.objects.filter(code=f"{person.council_id}-G{number}").exists():
        number += 1
    return f"{person.council_id}-G{number}"


GROUND = Change(
    "Let somebody know on another ground", GroundForm, _record,
    "It is recorded. They may be told from now until that day; then it is looked at again.",
    (
        "Where somebody is at risk, sharing is as much a duty as confidentiality. Tell the management team.",
        "The person is told, too, unless that would put somebody at risk.",
    ),
    "Record the decision",
)  # fmt: skip
END = Change(
    "End it now", EndForm, lambda row, _said, now: recording.end_basis(row.code, now),
    "It has ended. The next mail is decided without it.",
)  # fmt: skip


@permits(Action.REGISTER_CHANGE)
def end(request: HttpRequest, ref: str, key: int) -> HttpResponse:
    """One that is not needed any more."""
    person = scope.person(request, ref, change=True)
    row = m.SharingBasis.objects.filter(person=person, pk=key).first()
    if row is None:
        raise Http404
    caption = f"{person.council_id}: {row.basis}, {row.code}"
    return answer(request, END, row, reverse("register-person", args=[ref]), caption)
