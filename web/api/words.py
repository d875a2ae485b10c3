"""The words of a query: one that an address does not know is refused, for a filter that is passed over shows everybody.

It would be worst for a misspelt one: who asks what was known then must not be told what is known now.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation

from web.api.problems import Problem

Run = Callable[..., HttpResponse]


def known_only(run: Run) -> Run:
    """A decorator for ninja's mode ``view``: of every operation. The token is looked at first, so its 401 stays."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    known = list(dict.fromkeys(_words(operation)))
    handler = operation.view_func

    @wraps(handler)
    def checked(request: HttpRequest, **values: Any) -> Any:
        if not request.GET.keys() <= set(known):
            raise Problem(422, _sentence(known))
        return handler(request, **values)

    operation.view_func = checked
    return run


def _words(operation: Operation) -> list[str]:
    return [
        word
        for model in operation.models
        if getattr(model, "__ninja_param_source__", None) == "query"
        for word in getattr(model, "__ninja_flatten_map__", ())
    ]


def _sentence(known: list[str]) -> str:
    """Without the word that was sent: it may be a name."""
    return f"The query holds a word that is not known here; known are: {', '.join(known) or 'none'}."
