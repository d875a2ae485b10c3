"""What pages share that show or change what is confidential: a look is recorded first, a refusal is a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse

from domain.errors import SallyportError, TryAgain
from vault import audit, looks
from web import clock
from web.console.doors import who
from web.pages import errors

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def looked(request: HttpRequest, action: str, *, record: str = "", why: str = "", **details: object) -> None:
    """An event in their name, durable on return. Raises ``VaultUnavailable``: unrecorded is unshown."""
    details |= {"from": request.META.get("REMOTE_ADDR", "")}
    looks.note(audit.Event(clock.now(), who(request).actor, action, record, why, details))


def in_sentences(view: _View[_P]) -> _View[_P]:
    """What the rules refuse is a page with the rule's own sentence; what is away for now is one that says so."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TryAgain as error:
            return errors.unavailable(request, error)
        except SallyportError as error:
            return errors.refused(request, error.public)

    done: Any = answered
    return cast("_View[_P]", done)
