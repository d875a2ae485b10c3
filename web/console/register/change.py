"""One change on one page: a form, what it does, and back. The rules are the register's own (``register.recording``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from web import clock
from web.console.register.looks import recorded, sent


@dataclass(frozen=True, slots=True)
class Change:
    """``do`` gets the row, what was typed, and now; what it refuses stands on the form. ``done`` is said afterwards."""

    title: str
    form: Callable[..., forms.Form]
    do: Callable[[Any, dict[str, Any], datetime], object]
    done: str
    lines: tuple[str, ...] = ()
    button: str = "Save"


def answer(request: HttpRequest, change: Change, row: Any, back: str, caption: str) -> HttpResponse:
    """The form; or it is done, and the browser goes back. A retry is harmless, as each step is."""
    form = change.form(sent(request), **_files(request), row=row)
    if request.method == "POST" and form.is_valid():
        with recorded(request, form, form.cleaned_data.get("why", "")):
            change.do(row, form.cleaned_data, clock.now())
        if form.is_valid():
            messages.success(request, change.done)
            return HttpResponseRedirect(back)
    context = {"form": form, "title": change.title, "lines": change.lines, "button": change.button}
    more = {"back": back, "caption": caption}
    status = 422 if form.errors else 200
    return render(request, "console/register/change.html", context | more, status=status)


def _files(request: HttpRequest) -> dict[str, Any]:
    return {"files": request.FILES} if request.method == "POST" and request.FILES else {}


class RowForm(forms.Form):
    """A form that knows which row it is about."""

    def __init__(self, *args: Any, row: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
