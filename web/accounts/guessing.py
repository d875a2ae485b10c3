"""Guessing at passwords: whose account is tried, from where, and what is said when it is locked (django-axes)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from domain.model import folded
from web.pages.errors import error_page


def whose(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The folded address: as typed, or of who is signed in and shows once more who they are."""
    typed = (credentials or {}).get("email") or request.POST.get("login") or ""
    if not typed and getattr(request, "user", None) is not None and request.user.is_authenticated:
        typed = request.user.email
    return folded(str(typed).strip())[:255]


def where_from(request: HttpRequest) -> str:
    """The connection's other end; behind a known proxy, what that says (``web/doors.py``)."""
    return str(request.META.get("REMOTE_ADDR", ""))


def locked(request: HttpRequest, *_: Any) -> HttpResponse:
    """429."""
    return error_page(
        request,
        429,
        "Too many tries",
        "Somebody has tried wrong passwords for this account. It is locked for some minutes.",
        "Wait, then try again. If it was not you, tell whoever looks after accounts in your service.",
    )
