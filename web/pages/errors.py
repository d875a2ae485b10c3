"""Pages for what goes wrong, in plain English: Django's handlers, and for views to answer with.

They never say what was asked for. A fault of ours goes to the log as a place in the code, without the values.
"""

from __future__ import annotations

import sys
import traceback
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

_log = structlog.get_logger("web")


def error_page(request: HttpRequest, status: int, title: str, *lines: str) -> HttpResponse:
    """A whole page with a heading and some sentences."""
    return render(request, "pages/error.html", {"title": title, "lines": lines}, status=status)


@requires_csrf_token
def bad_request(request: HttpRequest, _exception: Exception) -> HttpResponse:
    """400."""
    return error_page(request, 400, "Sorry, we could not understand that", "Go back and try again.")


@requires_csrf_token
def forbidden(request: HttpRequest, _exception: Exception | None = None) -> HttpResponse:
    """403."""
    return error_page(
        request,
        403,
        "You cannot see this page",
        "Your account does not have the role that it takes, or this page is about what is not yours to see.",
        "If you need it for your work, ask whoever looks after accounts in your service.",
    )


@requires_csrf_token
def not_found(request: HttpRequest, _exception: Exception) -> HttpResponse:
    """404."""
    return error_page(
        request,
        404,
        "Page not found",
        "If you typed the address, check it. If you pasted it, check that you copied all of it.",
    )


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    """500."""
    error = sys.exc_info()[1]
    frames = traceback.extract_tb(getattr(error, "__traceback__", None))
    places = [f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in frames]
    _log.error("unexpected", error=type(error).__name__, places=places[-4:])
    return error_page(
        request, 500, "Sorry, something went wrong here", "What you did last was not saved. Try again in a few minutes."
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django passes it by name
    """403: the form was not one that we gave to this browser."""
    return error_page(
        request,
        403,
        "This form is out of date",
        "You may have signed out or in again in another window, or waited for long. Nothing was saved.",
        "Go back, load the page again, and send the form once more.",
    )


def refused(request: HttpRequest, sentence: str, status: int = 409, title: str = "That cannot be done") -> HttpResponse:
    """What the rules do not allow, as a page."""
    return error_page(request, status, title, sentence)


def unavailable(request: HttpRequest, _error: Any = None) -> HttpResponse:
    """503: a part that we need is away."""
    return error_page(
        request, 503, "Sorry, this cannot be reached just now", "Nothing is lost. Try again in a few minutes."
    )
