"""One permission: what it says, since when; kept at a review, changed line by line, taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from domain.permission import Ground
from register import models as m
from register import recording, standing, timeline
from register.models.permissions import MCA_FIELDS
from register.papers import filed
from web import clock
from web.console.doors import permits, who
from web.console.may import Action
from web.console.register import scope
from web.console.register.change import Change, RowForm, answer
from web.console.register.days import DayField
from web.console.register.fields import chosen, kinds, lines, purposes, text, why
from web.console.register.looks import looked
from web.console.register.policy import rules
from web.console.register.recipients import recipient_of
from web.console.register.signed_papers import FORM, FormPaper, waiting
from web.pages.forms import Checkboxes

ASKED = {
    "decision": "What was to be decided",
    "circumstances": "What bears on it, and why they cannot decide",
    "regaining": "Whether they may be able to later",
    "participation": "How they took part",
    "wishes": "Their wishes, feelings and beliefs",
    "consulted": "Who was consulted",
    "representative": "Attorney, deputy or advocate",
    "decision_maker": "Who decided",
}
"""What a best-interests decision says (Mental Capacity Act 2005 s.4)."""
assert set(MCA_FIELDS) <= set(ASKED)  # noqa: S101 - a page that leaves one out would hide it


@permits(Action.REGISTER_SEE)
def permission(request: HttpRequest, key: int) -> HttpResponse:
    """All that it says."""
    row = scope.permission(request, key)
    looked(request, "permission shown", person=row.person.ref, permission=row.code)
    grants = m.Grant.objects.filter(permission=row).select_related("party", "organisation")
    decided = row.ground == Ground.BEST_INTERESTS.value
    context = {
        "row": row, "title": f"{row.ground[:1].upper()}{row.ground[1:]} {row.code}",
        "lines": grants.prefetch_related("earlier_lines").order_by("pk"),
        "said": [(label, getattr(row, name)) for name, label in ASKED.items()] if decided else (),
        "papers": [] if row.document else waiting([row.person.ref], [FORM]),
        "due": _due(row), "in_vault": bool(row.document) and filed(row.document, row.person.ref),
        "may_change": scope.people(who(request), change=True).filter(pk=row.person_id).exists(),
    }  # fmt: skip
    return render(request, "console/register/permission.html", context)


@permits(Action.REGISTER_SEE)
def history(request: HttpRequest, key: int) -> HttpResponse:
    """All that was recorded about it, the newest first."""
    row = scope.permission(request, key)
    looked(request, "permission's history shown", person=row.person.ref, permission=row.code)
    context = {"title": f"History of {row.code}", "entries": timeline.of_permission(row), "back_permission": row}
    return render(request, "console/register/history.html", context)


def _due(row: m.Permission) -> Any:
    """The last day on which it counts without another review, as mails are decided."""
    policy = rules()
    found = standing.read(row.person.council_id, clock.now(), policy.reviews)
    every = {p.ref: policy.reviews.due(p, found.facts.capacity) for p in found.facts.permissions} if found else {}
    return every.get(row.code, row.review_due)


class RenewForm(RowForm):
    """A review at which it was kept."""

    held_on = DayField("When was the review?")
    outcome = text("What came of it?", required="Say what came of the review.", rows=4)
    next_due = DayField("When is the next due?", required=False, hint="Empty: as the policy says, yearly or sooner")


class WithdrawForm(RowForm):
    """Wholly, or for some."""

    recipients = forms.MultipleChoiceField(
        label="For whom?", help_text="Choose none to take back all of it.", widget=Checkboxes(), required=False
    )
    by = text("Who took it back?", required="Say who took it back.", longest=200)
    why = why()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["recipients"].choices = _named(self.row)  # type: ignore[attr-defined]


class AddForm(RowForm):
    """One more on the form."""

    who = text("Who?", hint="Their name, their id, or an organisation's", required="Type a name or an id.", longest=200)
    categories = kinds()
    purposes = purposes()
    why = why()

    def clean_who(self) -> str:
        """The code. Raises ``ValidationError`` for nobody, or for several."""
        return recipient_of(self.cleaned_data["who"]).code


class LineForm(RowForm):
    """What one who is on it may know from now on."""

    categories = kinds()
    purposes = purposes()
    why = why()

    def __init__(self, *args: Any, row: m.Grant, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.initial = {"categories": row.categories, "purposes": "\n".join(row.purposes)}


def _named(row: m.Permission) -> list[tuple[str, str]]:
    grants = m.Grant.objects.filter(permission=row, withdrawn_at=None).select_related("party", "organisation")
    return [(named.code, f"{named.name} ({named.code})") for g in grants if (named := g.party or g.organisation)]


def _renew(row: m.Permission, said: dict[str, Any], now: datetime) -> object:
    held, due = said["held_on"], said["next_due"]
    return recording.renew(row.code, now, rules().reviews, outcome=said["outcome"], held_on=held, next_due=due)


def _add(row: m.Permission, said: dict[str, Any], now: datetime) -> object:
    return recording.add_line(row.code, recording.Line(said["who"], chosen(said), lines(said["purposes"])), now)


def _paper(row: m.Permission, said: dict[str, Any], now: datetime) -> object:
    """What stands there and is no record of the vault gives way, as on the command line."""
    instead = "" if filed(row.document, row.person.ref) else row.document
    return recording.note_document(row.code, said["record"], now, instead_of=instead)


CHANGES = {
    "renew": Change("A review was held, and it was kept", RenewForm, _renew, "The review is recorded."),
    "withdraw": Change(
        "Take the permission back", WithdrawForm,
        lambda row, said, now: recording.withdraw(row.code, now, by=said["by"], recipients=said["recipients"]),
        "It is taken back. The next mail is decided without it, and so is what is held or waits to be picked up.",
        ("It is at once and for good. If the person agrees again, they sign a new form.",), "Take it back",
    ),
    "add": Change(
        "One more may know", AddForm, _add, "They are on the form. The next mail is decided by it.",
        ("Only what the person has agreed to. From now on, not before.",),
    ),
    "paper": Change(
        "The signed form", FormPaper, _paper, "The signed form is now with this permission.",
        (
            "A form that was made elsewhere and signed on the pick-up page: which one is this permission's?",
            "Look at it first: it came to the officer by mail.",
        ),
        "Add it to this permission",
    ),
}  # fmt: skip


@permits(Action.REGISTER_CHANGE)
def change(request: HttpRequest, key: int, what: str) -> HttpResponse:
    """One of them."""
    row = scope.permission(request, key, change=True)
    if what not in CHANGES:
        raise Http404
    caption = f"{row.person.council_id}, {row.code}"
    return answer(request, CHANGES[what], row, reverse("register-permission", args=[key]), caption)


@permits(Action.REGISTER_CHANGE)
def change_line(request: HttpRequest, key: int, line: int) -> HttpResponse:
    """What one recipient may know."""
    form = scope.permission(request, key, change=True)
    row = m.Grant.objects.filter(permission=form, pk=line).select_related("party", "organisation").first()
    if row is None:
        raise Http404
    named = row.party or row.organisation

    def do(_row: m.Grant, said: dict[str, Any], now: datetime) -> object:
        return recording.change_line(form.code, named.code, chosen(said), now, purposes=lines(said["purposes"]))

    done = "It is changed. The next mail is decided by it; what it was before is kept."
    one = Change(f"What {named.name} may know", LineForm, do, done, ("All that they may know from now on.",))
    return answer(
        request, one, row, reverse("register-permission", args=[key]), f"{form.person.council_id}, {form.code}"
    )
