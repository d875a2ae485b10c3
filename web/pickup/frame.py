"""What every page has: the service's name and number, one style sheet inside it, a policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe

from web.pickup.language import others
from web.pickup.parts import parts

_HERE = Path(__file__).parent


@cache
def style() -> SafeString:
    """The style sheet. Ours, so it is safe to stand in a page."""
    return mark_safe((_HERE / "style.css").read_text(encoding="utf-8"))  # noqa: S308 - our own file


@cache
def script(name: str) -> bytes:
    """``upload`` or ``device``. Everything works without them."""
    return (_HERE / f"{name}.js").read_bytes()


@cache
def policy() -> str:
    """The Content-Security-Policy: nothing from elsewhere, no script but ours, no other style than the page's own."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def service(request: HttpRequest) -> dict[str, object]:
    """For every template."""
    made = parts()
    return {"service": made.service, "phone": made.phone, "style": style(), "others": others(request)}


def page(request: HttpRequest, name: str, status: int = 200, **told: object) -> HttpResponse:
    """A page by its template's name."""
    return render(request, f"pickup/{name}.html", told, status=status)
