"""Django's error handlers: what lies below /api answers as the API does, everything else with a page."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse

from web.api import problems
from web.doors import API
from web.pages import errors


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return (problems.bad_request if _is_api(request) else errors.bad_request)(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return problems.answer(403, "Refused.") if _is_api(request) else errors.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return (problems.not_found if _is_api(request) else errors.not_found)(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    return problems.broken(request, sys.exc_info()[1]) if _is_api(request) else errors.broken(request)
