"""Middleware: how long each view took, by its name. A path is never a label: links that open mail are paths."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from watch.metrics import PAGES

_HUNDRED = 100


class Timed:
    """The outermost, so that it sees what the others refuse, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._answer = get_response
        self._program = "pickup" if settings.ROOT_URLCONF.startswith("web.pickup") else "web"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Observe it."""
        begun = perf_counter()
        response = self._answer(request)
        view = request.resolver_match.view_name if request.resolver_match else ""
        status = f"{response.status_code // _HUNDRED}xx"
        PAGES.labels(self._program, view or "other", status).observe(perf_counter() - begun)
        return response
