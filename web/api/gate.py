"""What every request passes before it is looked at: size, kind of body, host; and what every answer carries.

Trust: anything may arrive here. Answers that Django makes itself (405 and the like) leave as problem details, too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from config.sections.programs import WebSettings
from web.api import problems

_log = structlog.get_logger("web")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_JSON = frozenset({"application/json", "application/merge-patch+json", "application/fhir+json"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class Gate:
    """Django middleware, the only one. There is no CORS: no browser page of another origin has business here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from config.django import SETTINGS  # noqa: PLC0415 - Django makes this object by name, without arguments

        self._get_response = get_response
        self._settings: WebSettings = SETTINGS.web

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with its log line: never a query, a body or a name."""
        begun = time.monotonic()
        response = self._refusal(request) or self._get_response(request)
        if response.status_code >= HTTPStatus.BAD_REQUEST and response["Content-Type"] != problems.MEDIA_TYPE:
            response = _as_problem(response)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = "no-referrer"
        _log.info("answered", method=request.method if request.method in _METHODS else "other", route=_route(request),
                  status=response.status_code, token=getattr(getattr(request, "auth", None), "pk", None),
                  ms=round((time.monotonic() - begun) * 1000))  # fmt: skip
        return response

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        try:
            request.get_host()
        except DisallowedHost:
            return problems.answer(400, "This server does not go by that name; see the setting web.hosts.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            return problems.answer(400, "The length of the body is not a number.")
        if int(length) > self._settings.max_body:
            return problems.answer(413, f"A body may have at most {self._settings.max_body} bytes.")
        if request.method in _WITH_BODY and int(length) and (request.content_type or "") not in _JSON:
            return problems.answer(415, "A body is JSON, and says so as application/json.")
        return None


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.route if match else ""


def _as_problem(response: HttpResponse) -> HttpResponse:
    status = response.status_code
    said = "This address does not take that method." if status == HTTPStatus.METHOD_NOT_ALLOWED else "Refused."
    allow = {"Allow": response["Allow"]} if response.has_header("Allow") else {}
    return problems.answer(status, said, allow)
