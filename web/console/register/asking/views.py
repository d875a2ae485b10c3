"""The pages of it. Nothing is stored in the register before all of it was shown and sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from domain.model import Category
from domain.permission import Ground
from register import models as m
from web.console.doors import permits, who
from web.console.may import Action
from web.console.register import scope
from web.console.register.asking import signed
from web.console.register.asking.draft import Draft
from web.console.register.asking.forms import MayForm, WhomForm
from web.console.register.asking.likely import likely
from web.console.register.asking.steps import WHO, after, asked, unanswered
from web.console.register.asking.storing import store
from web.console.register.asking.summary import summary
from web.console.register.fields import lines
from web.console.register.looks import looked, recorded, sent
from web.console.register.people import name_of


@permits(Action.REGISTER_CHANGE)
def begin(request: HttpRequest, ref: str) -> HttpResponse:
    """What it takes, and the way in."""
    person = scope.person(request, ref, change=True)
    looked(request, "permission begun", person=person.ref)
    if request.method == "POST":
        Draft.of(request, person).forget(request)
        Draft.of(request, person).keep(request)
        return _to(person, "capacity")
    left = _where_left(Draft.of(request, person), person)
    context = _context(person, "Record a permission to share") | {"go_on": left}
    return render(request, "console/register/asking/begin.html", context)


def _where_left(draft: Draft, person: m.Person) -> str:
    """The first question that is open, of what was begun and not recorded; empty where nothing was."""
    return _url(person, next(iter(unanswered(draft, person)), "check")) if draft.answers else ""


@permits(Action.REGISTER_CHANGE)
def step(request: HttpRequest, ref: str, name: str) -> HttpResponse:
    """One question."""
    person = scope.person(request, ref, change=True)
    draft = Draft.of(request, person)
    found = next((s for s in asked(draft, person) if s.name == name), None)
    if found is None:
        raise Http404
    if name == WHO:
        return _who(request, person, draft)
    form = found.form(sent(request), person=person, initial=_initial(draft, name))
    if request.method == "POST" and form.is_valid():
        draft.answers[name] = form.answers()
        draft.keep(request)
        return _to(person, after(draft, person, name))
    return _asked(request, person, form, _back(draft, person, name))


def _who(request: HttpRequest, person: m.Person, draft: Draft) -> HttpResponse:
    """The list of who may know: take one out, add one, or go on."""
    if request.method == "POST" and "take-out" in request.POST:
        draft.lines = [line for line in draft.lines if line["who"] != request.POST["take-out"]]
        draft.keep(request)
        return _to(person, WHO)
    if request.method == "POST":
        draft.answers[WHO] = {}
        draft.keep(request)
        return _to(person, after(draft, person, WHO))
    context = _context(person, "Who may know?") | {"lines": _shown(draft), "back": _back(draft, person, WHO)}
    context["decision"] = draft.ground is Ground.BEST_INTERESTS
    return render(request, "console/register/asking/who.html", context)


@permits(Action.REGISTER_CHANGE)
def whom(request: HttpRequest, ref: str) -> HttpResponse:
    """One more who may know."""
    person = scope.person(request, ref, change=True)
    draft = Draft.of(request, person)
    form = WhomForm(sent(request), near=likely(person, {line["who"] for line in draft.lines}))
    if request.method == "POST" and form.is_valid():
        request.session[f"line {person.ref}"] = form.cleaned_data["code"]
        return HttpResponseRedirect(reverse("register-asking-may", args=[person.ref]))
    return _asked(request, person, form, _url(person, WHO))


@permits(Action.REGISTER_CHANGE)
def may_know(request: HttpRequest, ref: str) -> HttpResponse:
    """What that one may know."""
    person = scope.person(request, ref, change=True)
    code = request.session.get(f"line {person.ref}", "")
    named = m.Party.objects.filter(code=code).first() or m.Organisation.objects.filter(code=code).first()
    if named is None:
        return _to(person, WHO)
    form = MayForm(sent(request))
    form.fields["categories"].label, form.title = "Kinds of information", f"What may {named.name} know?"
    if request.method == "POST" and form.is_valid():
        _add_line(request, person, named, form.cleaned_data)
        return _to(person, WHO)
    return _asked(request, person, form, reverse("register-asking-whom", args=[person.ref]))


def _add_line(request: HttpRequest, person: m.Person, named: m.Party | m.Organisation, said: dict[str, Any]) -> None:
    draft = Draft.of(request, person)
    line = {"who": named.code, "name": named.name, "categories": said["categories"]}
    kept = [one for one in draft.lines if one["who"] != named.code]
    draft.lines = [*kept, line | {"purposes": list(lines(said["purposes"]))}]
    draft.keep(request)


@permits(Action.REGISTER_CHANGE)
def check(request: HttpRequest, ref: str) -> HttpResponse:
    """All of it; then it is stored."""
    person = scope.person(request, ref, change=True)
    draft, form = Draft.of(request, person), forms.Form(sent(request))
    if still_open := unanswered(draft, person):
        return _to(person, still_open[0])
    draft.checked = True
    draft.keep(request)
    if request.method == "POST" and form.is_valid() and draft.on_the_page:
        if (why_not := signed.ask(draft, person, who(request).actor)) == "":
            draft.forget(request)
            messages.success(request, "It is on its way. Once it is signed, you find it here, and record it.")
            return HttpResponseRedirect(reverse("register-to-sign"))
        form.add_error(None, why_not)
    elif request.method == "POST" and form.is_valid():
        with recorded(request, form):
            stored = store(draft, person)
        if form.is_valid():
            draft.forget(request)
            messages.success(request, f"{stored.code} is recorded. The next mail is decided by it.")
            return HttpResponseRedirect(reverse("register-permission", args=[stored.pk]))
    context = _context(person, "Check what you have answered") | {"form": form, "rows": summary(draft, person)}
    context |= {"lines": _shown(draft), "decision": draft.ground is Ground.BEST_INTERESTS, "draft": draft}
    return render(request, "console/register/asking/check.html", context, status=_status(form))


def _asked(request: HttpRequest, person: m.Person, form: forms.Form, back: str) -> HttpResponse:
    """A page whose heading is its question."""
    title = getattr(form, "title", "") or str(next(iter(form.fields.values())).label)
    context = _context(person, title) | {"form": form, "back": back, "alone": len(form.fields) == 1}
    return render(request, "console/register/asking/step.html", context, status=_status(form))


def _status(form: forms.Form) -> int:
    return 422 if form.errors else 200


def _shown(draft: Draft) -> list[dict[str, Any]]:
    return [line | {"labels": [Category(c).label for c in line["categories"]]} for line in draft.lines]


def _initial(draft: Draft, name: str) -> dict[str, Any]:
    said = draft.answers.get(name, {})
    return {n: draft.day(name, n) if n.endswith(("_on", "_due")) else value for n, value in said.items()}


def _back(draft: Draft, person: m.Person, name: str) -> str:
    if draft.checked:
        return _url(person, "check")
    names = [s.name for s in asked(draft, person)]
    place = names.index(name)
    return _url(person, names[place - 1]) if place else reverse("register-asking", args=[person.ref])


def _context(person: m.Person, title: str) -> dict[str, Any]:
    return {"row": person, "title": title, "caption": f"{name_of(person)}, {person.council_id}"}


def _url(person: m.Person, name: str) -> str:
    if name == "check":
        return reverse("register-asking-check", args=[person.ref])
    return reverse("register-asking-step", args=[person.ref, name])


def _to(person: m.Person, name: str) -> HttpResponse:
    return HttpResponseRedirect(_url(person, name))
