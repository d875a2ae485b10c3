"""Around every answer: headers that keep pages from being stored, framed, indexed or mixed with anything else."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from domain.errors import SallyportError
from web.pickup import failing
from web.pickup.frame import policy
from web.pickup.parts import parts

_log = structlog.get_logger("pickup")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",  # the link is in the address: no other place learns of it
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(), interest-cohort=()",
}


class Guard:
    """Django middleware. What goes wrong with database or store is a page that says so, and a line in the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """One request."""
        answer = failing.too_large(request) if self._too_large(request) else self._next(request)
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Content-Security-Policy", policy())
        if parts().secure:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return answer

    @staticmethod
    def _too_large(request: HttpRequest) -> bool:
        """A body that was not even read (``web/buffered.py``)."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        return not length.isdigit() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Known errors; anything else is a fault of ours, and Django's handler gives its page."""
        if not isinstance(error, SallyportError):
            return None
        close_old_connections()
        _log.error("not answered", **error.fields | {"kind": type(error).__name__, "reason": error.private})
        return failing.away(request)
