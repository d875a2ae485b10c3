"""The pages of it. What was answered lies in the session while somebody is signed in, as for a permission."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from web import clock
from web.console.doors import permits, who
from web.console.may import Action
from web.console.register.adding.kinds import KINDS, Kind, may_add
from web.console.register.looks import looked, recorded, sent
from web.pages.forms import Radios
from web.pages.templatetags.pages import day

_CHECK = "check"


class ChooseForm(forms.Form):
    """What is added."""

    kind = forms.ChoiceField(
        label="What do you want to add?", widget=Radios(), error_messages={"required": "Choose what you want to add."}
    )

    def __init__(self, *args: Any, kinds: dict[str, Kind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(name, kind.label) for name, kind in kinds.items()]  # type: ignore[attr-defined]
        self.fields["kind"].widget.hints = {name: kind.hint for name, kind in kinds.items()}


@permits(Action.REGISTER_ADD)
def choose(request: HttpRequest) -> HttpResponse:
    """What it is."""
    whoever = who(request)
    form = ChooseForm(sent(request), kinds={n: k for n, k in KINDS.items() if may_add(whoever, k)})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["kind"]
        request.session.pop(_key(name), None)
        return _to(name, KINDS[name].steps[0][0])
    return _asked(request, form, "What do you want to add?", reverse("register"), "")


@permits(Action.REGISTER_ADD)
def step(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """One question."""
    what = _kind(request, kind)
    asks, said = what.form(name), _said(request, kind)
    if asks is None:
        raise Http404
    form = asks(sent(request), whoever=who(request), initial=_initial(said.get(name, {})))
    if request.method == "POST" and form.is_valid():
        said[name] = form.answers()
        request.session[_key(kind)] = said
        return _to(kind, what.after(name, said) or _CHECK)
    return _asked(request, form, form.title, _back(what, kind, name, said), what.label)


@permits(Action.REGISTER_ADD)
def check(request: HttpRequest, kind: str) -> HttpResponse:
    """All of it; then it is recorded."""
    what, said, form = _kind(request, kind), _said(request, kind), forms.Form(sent(request))
    if left := what.after("", said):
        return _to(kind, left)
    if request.method == "POST" and form.is_valid() and (where := _stored(request, kind, what, form)):
        messages.success(request, f"{what.label}: recorded.")
        return HttpResponseRedirect(where)
    told = {"title": "Check what you have answered", "caption": what.label, "form": form, "kind": kind}
    told |= {"rows": list(_rows(request, what, said)), "back": _url(kind, what.steps[-1][0])}
    return render(request, "console/register/adding/check.html", told, status=422 if form.errors else 200)


def _stored(request: HttpRequest, kind: str, what: Kind, form: forms.Form) -> str:
    """Where it is shown; empty where it cannot be. Each page is asked again: others have recorded meanwhile."""
    said = _said(request, kind)
    for name, asks in what.steps:
        again = asks(_posted(said[name]), whoever=who(request))
        if not again.is_valid():
            form.add_error(None, next(iter(again.errors.values()))[0])
            return ""
    where = ""
    with recorded(request, form):
        where = what.store(said, clock.now())
    if where:
        looked(request, "added to the register", kind=kind)
        request.session.pop(_key(kind), None)
    return where


def _rows(request: HttpRequest, what: Kind, said: dict[str, dict[str, Any]]) -> Any:
    """Question, answer, step."""
    for name, asks in what.steps:
        for field, asked in asks(whoever=who(request)).fields.items():
            value = said[name].get(field, "")
            choices = dict(getattr(asked, "choices", ()))
            yield asked.label, choices.get(value) or _shown(field, value) or "Not given", name


def _shown(field: str, value: str) -> str:
    return day(date.fromisoformat(value)) if value and _is_day(field) else value


def _is_day(field: str) -> bool:
    return field in {"born", "starts"} or field.endswith("_from")


def _initial(said: dict[str, Any]) -> dict[str, Any]:
    return {n: date.fromisoformat(v) if v and _is_day(n) else v for n, v in said.items()}


def _posted(said: dict[str, Any]) -> dict[str, Any]:
    """Answers as a form would send them."""
    posted: dict[str, Any] = {}
    for name, value in said.items():
        if value and _is_day(name):
            given = date.fromisoformat(value)
            posted |= {f"{name}_{part}": str(getattr(given, part)) for part in ("day", "month", "year")}
        else:
            posted[name] = value
    return posted


def _kind(request: HttpRequest, name: str) -> Kind:
    """Raises ``Http404``, also for what is not theirs to add."""
    found = KINDS.get(name)
    if found is None or not may_add(who(request), found):
        raise Http404
    return found


def _back(what: Kind, kind: str, name: str, said: dict[str, Any]) -> str:
    names = [step for step, _ in what.steps]
    if not what.after("", said):
        return _url(kind, _CHECK)
    place = names.index(name)
    return _url(kind, names[place - 1]) if place else reverse("register-add")


def _asked(request: HttpRequest, form: forms.Form, title: str, back: str, caption: str) -> HttpResponse:
    context = {"title": title, "form": form, "back": back, "caption": caption, "alone": len(form.fields) == 1}
    return render(request, "console/register/asking/step.html", context, status=422 if form.errors else 200)


def _said(request: HttpRequest, kind: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = request.session.get(_key(kind), {})
    return found


def _key(kind: str) -> str:
    return f"adding {kind}"


def _url(kind: str, name: str) -> str:
    return (
        reverse("register-add-check", args=[kind])
        if name == _CHECK
        else reverse("register-add-step", args=[kind, name])
    )


def _to(kind: str, name: str) -> HttpResponse:
    return HttpResponseRedirect(_url(kind, name))
