"""A form on a page of its own: shown, checked, done, and back with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from domain.errors import SallyportError, TryAgain
from vault.acting import Acting
from web import clock
from web.console.doors import who

_Form = TypeVar("_Form", bound=forms.Form)


def ask(
    request: HttpRequest, form: type[_Form], do: Callable[[_Form], str], back: str, title: str, **more: Any
) -> HttpResponse:
    """``do`` gives the sentence that is shown afterwards; what the rules refuse stands above the form, as typed.

    ``template`` among what is ``more`` is a page of its own that extends the usual one.
    """
    template = more.pop("template", "console/ask.html")
    posted = request.method == "POST"
    given = form(request.POST if posted else None, initial=more.pop("initial", None))
    if posted and given.is_valid():
        try:
            messages.success(request, do(given))
        except TryAgain:
            raise
        except SallyportError as error:
            given.add_error(None, error.public)
        else:
            return HttpResponseRedirect(back)
    context = {"title": title, "form": given, "button": title, "back": back} | more
    return render(request, template, context, status=422 if posted else 200)


def acting(request: HttpRequest, why: str = "") -> Acting:
    """Whoever is signed in, now."""
    return Acting(who(request).actor, clock.now(), why)
