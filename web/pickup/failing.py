"""Pages for what does not work: plain words, what to do now, and the same for everything that is none of ours."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from web.pickup.frame import page
from web.pickup.parts import parts

_log = structlog.get_logger("pickup")


def closed(request: HttpRequest) -> HttpResponse:
    """A link that opens nothing: unknown, over, revoked, not permitted any more. Nobody can tell which."""
    return page(request, "closed", 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Somebody has tried too often."""
    return page(request, "too_many", 429)


def too_large(request: HttpRequest) -> HttpResponse:
    """Files that are more than an answer may have."""
    return page(request, "too_large", 413, most=parts().most)


def away(request: HttpRequest) -> HttpResponse:
    """Database or store."""
    return page(request, "away", 503)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's
    """A form without its secret: another site's, or a page from before a restart."""
    return page(request, "form_too_old", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """No such path."""
    return closed(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """Another host's name, a form too large."""
    return HttpResponse("This request cannot be understood.", status=400, content_type="text/plain")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    return page(request, "away", 500)


def log_fault(sender: object, request: HttpRequest, **_: Any) -> None:  # noqa: ARG001 - a receiver of Django's signal
    """Where in the code, without the values."""
    kind, _error, trace = sys.exc_info()
    places = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in traceback.extract_tb(trace)]
    _log.error("unexpected", error=getattr(kind, "__name__", ""), places=places[-4:])
