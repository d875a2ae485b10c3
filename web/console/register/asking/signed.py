"""Forms that wait to be signed on the pick-up pages: the list, and one click that records what was signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from domain.here import HERE
from domain.model import Category
from register import models as m
from vault.models import AskedPermission, PickupGrant
from vault.pickup import asked, history
from vault.pickup.ending import revoke
from vault.pickup.signatures import SignedPaper
from web import clock
from web.console.answering import in_sentences
from web.console.doors import permits, who
from web.console.may import Action
from web.console.outside import outside
from web.console.register import scope, signed_papers
from web.console.register.asking.draft import Draft
from web.console.register.asking.storing import store
from web.console.register.looks import looked, recorded, sent
from web.console.register.people import name_of
from web.console.sent.reading_out import read_out


def ask(draft: Draft, person: m.Person, by: str) -> str:
    """Have it signed. Why not, as a sentence, where the policy does not let who signs see it; empty where it does."""
    signer = m.Party.objects.filter(code=draft.said("signed", "signer")).first()
    if signer is None:
        return "Who was to sign is not in the register any more. Choose somebody else."
    now = clock.now()
    about = [[person.ref, Category.PERMISSION_FORM.value]]
    trial = PickupGrant(recipient=signer.email, about=about, until=now + timedelta(days=1))
    stands = outside().stands(trial, now)
    if not stands.open:
        rules = ", ".join(stands.rules)
        return f"By the policy {signer.name} may not be sent this form ({rules}). Have it signed on paper."
    asked.ask(draft.code, person.ref, signer.code, draft.__dict__, by, now)
    return ""


@permits(Action.REGISTER_SEE)
@in_sentences
def listed(request: HttpRequest) -> HttpResponse:
    """What is signed first."""
    looked(request, "permissions to sign listed")
    people = {p.ref: p for p in scope.people(who(request))}
    rows = [(row, people[row.person], _signer(row)) for row in asked.waits(people)]
    found = signed_papers.lately(people, clock.now())
    context = {"title": "Permissions to be signed", "rows": rows, "papers": _shown(found, people)}
    return render(request, "console/register/asking/to_sign.html", context)


@permits(Action.REGISTER_CHANGE)
@in_sentences
def one(request: HttpRequest, number: int) -> HttpResponse:
    """What was asked for, what became of it; one click records what was signed."""
    row = AskedPermission.objects.filter(pk=number, closed_at=None).first()
    if row is None:
        raise Http404
    person = scope.person(request, row.person, change=True)
    form = forms.Form(sent(request))
    if request.method == "POST" and form.is_valid():
        if "give-up" in request.POST:
            return _give_up(request, row)
        if row.signed_record and (done := _record(request, row, person, form)) is not None:
            return done
    looked(request, "permission to sign looked at", person=person.ref, asked=row.pk)
    grants = PickupGrant.objects.filter(record=row.record).order_by("-made_at") if row.record else []
    context: dict[str, Any] = {
        "title": f"Permission {row.code}", "caption": f"{name_of(person)}, {person.council_id}", "row": row,
        "form": form, "signer": _signer(row), "lines": [_line(line) for line in row.draft["lines"]],
        "steps": [step for told in history.stories(list(grants)).values() for step in told.steps],
    }  # fmt: skip
    return render(request, "console/register/asking/signed.html", context, status=422 if form.errors else 200)


@permits(Action.REGISTER_CHANGE, sudo=True)
@in_sentences
def code(request: HttpRequest, number: int) -> HttpResponse:
    """A code to read out to who signs, shown this once."""
    row = AskedPermission.objects.filter(pk=number, closed_at=None).first()
    if row is None:
        raise Http404
    scope.person(request, row.person, change=True)
    grant = PickupGrant.objects.filter(record=row.record).order_by("-made_at").first() if row.record else None
    if grant is None:
        raise Http404
    return read_out(request, grant, _signer(row), reverse("register-to-sign-one", args=[row.pk]))


def _record(request: HttpRequest, row: AskedPermission, person: m.Person, form: forms.Form) -> HttpResponse | None:
    """By the register's own rules, as on the day of the signature; the signed form is its paper."""
    assert row.signed_at is not None  # noqa: S101 - it is noted together with its record
    draft = Draft(**row.draft)
    signed_on = row.signed_at.astimezone(HERE).date().isoformat()
    draft.answers["signed"] = {"signed_on": signed_on, "how": "digital", "document": row.signed_record}
    with recorded(request, form, "signed on the pick-up page"):
        stored = store(draft, person)
    if not form.is_valid():
        return None
    asked.close(row, stored.code, who(request).actor, clock.now())
    messages.success(request, f"{stored.code} is recorded. The next mail is decided by it.")
    return HttpResponseRedirect(reverse("register-permission", args=[stored.pk]))


def _give_up(request: HttpRequest, row: AskedPermission) -> HttpResponse:
    """Its link closes, too."""
    by, now = who(request).actor, clock.now()
    asked.close(row, "", by, now)
    for grant in PickupGrant.objects.filter(record=row.record, ended="") if row.record else ():
        revoke(grant, by, "the form is not wanted any more", now, forget=False)
    messages.success(request, "Given up. The register is as it was.")
    return HttpResponseRedirect(reverse("register-to-sign"))


def _shown(found: list[SignedPaper], people: dict[str, Any]) -> list[dict[str, Any]]:
    """With where each can be put: forms of theirs that have no paper yet."""
    about = {paper.person for paper in found}
    bare = m.Permission.objects.filter(person__ref__in=about, document="", withdrawn_at=None)
    forms_of: dict[int, list[m.Permission]] = {}
    for form in bare.order_by("-signed_on", "-pk"):
        forms_of.setdefault(form.person_id, []).append(form)
    return [
        {
            "at": paper.at, "by": paper.by, "record": paper.record, "person": people[paper.person],
            "kind": signed_papers.kind(paper), "agreement": signed_papers.AGREEMENT in paper.classes,
            "form": signed_papers.FORM in paper.classes, "forms": forms_of.get(people[paper.person].pk, []),
        }
        for paper in found
    ]  # fmt: skip


def _signer(row: AskedPermission) -> str:
    return str(m.Party.objects.filter(code=row.signer).values_list("name", flat=True).first() or row.signer)


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return line | {"labels": [Category(c).label for c in line["categories"]]}
