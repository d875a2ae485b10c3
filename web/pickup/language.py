"""In which language a page is: what somebody chose, else what the register says of them, else the service's own.

A link on each page chooses; it changes nothing but a cookie, and needs no JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import activate, deactivate, get_language

from web.pickup.parts import parts

_COOKIE, _ASKED = "language", "language"
_LASTS = 365 * 24 * 3600
_FORMS_ALONE = ("send", "leave")
"""Paths that take forms and show nothing of themselves: from there the way leads to the link's first page."""


class Other(NamedTuple):
    """One more language of this page, by its own name."""

    code: str
    name: str
    href: str


class Language:
    """Django middleware. One that is none of ours is as if none had been chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """One request."""
        asked = _ours(request.GET.get(_ASKED, ""))
        if asked and request.method == "GET":
            return _chosen(request.path, asked)
        activate(_ours(request.COOKIES.get(_COOKIE, "")) or settings.LANGUAGE_CODE)
        try:
            answer = self._next(request)
            answer.headers.setdefault("Content-Language", get_language() or settings.LANGUAGE_CODE)
            return answer
        finally:
            deactivate()


def prefer(request: HttpRequest, wished: str) -> None:
    """What the register says of the reader, where they have not chosen themselves."""
    if _ours(wished) and not _ours(request.COOKIES.get(_COOKIE, "")):
        activate(wished)


def others(request: HttpRequest) -> list[Other]:
    """Links to this page in the other languages."""
    where, match = request.path, request.resolver_match
    if match is not None and match.url_name in _FORMS_ALONE:
        where = reverse("start", args=[match.kwargs["link"]])
    here = get_language()
    return [Other(code, name, f"{where}?{_ASKED}={code}") for code, name in settings.LANGUAGES if code != here]


def _chosen(path: str, code: str) -> HttpResponseRedirect:
    """The same page, by its own address."""
    answer = HttpResponseRedirect(path)
    answer.status_code = 303
    answer.set_cookie(_COOKIE, code, max_age=_LASTS, secure=parts().secure, httponly=True, samesite="Lax")
    return answer


def _ours(code: str) -> str:
    return code if code in dict(settings.LANGUAGES) else ""
