"""What stands first for every request: the API's gate for the API; for pages, by TLS or not, and from where.

The API has a gate of its own (``web/api/gate.py``), and nothing else of what is for pages touches it but a few headers.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse

from config.sections.programs import WebSettings
from web.api.gate import Gate
from web.asking import Questions
from web.callers import is_proxy, told_by

_log = structlog.get_logger("web")
API = "/api/"
_SAID, _BELIEVED = "HTTP_X_FORWARDED_PROTO", "SALLYPORT_TLS"


class Doors:
    """Django middleware, the first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from config.django import SETTINGS  # noqa: PLC0415 - Django makes this object by name, without arguments

        self._to_api = Gate(get_response)
        self._to_pages = get_response
        self._settings: WebSettings = SETTINGS.web

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        if request.path_info.startswith(API):
            return self._to_api(request)
        if is_proxy(request.META.get("REMOTE_ADDR", ""), self._settings.proxies):  # anybody may say so
            self._believe(request.META)
        begun, questions = time.monotonic(), Questions()
        with connection.execute_wrapper(questions):
            response = self._to_pages(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        if match := request.resolver_match:  # a name of ours, never an address that somebody typed
            ms = round((time.monotonic() - begun) * 1000)
            told = {"route": match.url_name, "status": response.status_code, "ms": ms, "queries": questions.asked}
            _log.info("answered", method=request.method, **told)
        return response

    @staticmethod
    def _believe(meta: dict[str, str]) -> None:
        """TLS, and who calls: else wrong passwords from anywhere would lock an account for its owner, too."""
        if _SAID in meta:
            meta[_BELIEVED] = meta[_SAID]
        if told := told_by(meta.get("HTTP_X_FORWARDED_FOR", "")):
            meta["REMOTE_ADDR"] = told
