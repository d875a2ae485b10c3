"""Sessions are short: over when nobody has clicked for a while, and over after a day's work in any case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from web import clock
from web.doors import API

_WRITE_EVERY = timedelta(minutes=1)


class ShortSessions:
    """Django middleware, after authentication. The idle limit is the session's own age, renewed each minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        from config.django import SETTINGS  # noqa: PLC0415 - Django makes this object by name, without arguments

        self._get_response = get_response
        self._settings = SETTINGS.console

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; for a session that is over, to nobody."""
        if not request.path_info.startswith(API) and request.user.is_authenticated:
            self._look_at(request)
        return self._get_response(request)

    def _look_at(self, request: HttpRequest) -> None:
        now = clock.now().timestamp()
        since, seen = request.session.get("since", 0), request.session.get("seen", 0)
        idle = seen and now - seen > self._settings.idle.total_seconds()
        if idle or now - since > self._settings.longest.total_seconds():
            logout(request)
        elif now - seen > _WRITE_EVERY.total_seconds():
            request.session["seen"] = now
