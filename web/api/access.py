"""Who may call: a bearer token (RFC 6750) with the scope asked for, over TLS or from this machine, not too often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.http import HttpRequest
from ninja.security import HttpBearer

from config.sections.programs import WebSettings
from web import clock
from web.api import tokens
from web.api.models import ApiToken
from web.api.problems import Problem
from web.api.tokens import Scope

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sallyport"'}


class BearerToken(HttpBearer):
    """Gives the token's row as ``request.auth``, or raises :class:`Problem` 401, 403 or 429."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiToken:
        """Called by ninja before anything of the request is read."""
        settings = _settings()
        if not _is_private(request, settings):
            raise Problem(403, "Tokens are taken over TLS only; this one has been seen on the way: have it replaced.")
        kind, _, word = request.headers.get("Authorization", "").partition(" ")
        row = tokens.find(word.strip(), clock.now()) if kind.lower() == "bearer" and word.strip() else None
        if row is None:
            raise Problem(401, "A token that stands is needed: Authorization: Bearer slp_...", _CHALLENGE)
        request.auth = row  # type: ignore[attr-defined]
        wait = _BUCKETS.wait(row.pk, settings.requests_a_minute)
        if wait:
            raise Problem(429, "Too many requests; wait as long as Retry-After says.", {"Retry-After": str(wait)})
        if self.scope not in row.scopes:
            challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'}
            raise Problem(403, f"This token does not have the scope {self.scope}.", challenge)
        return row

    def authenticate(self, request: HttpRequest, token: str) -> None:
        """Not used: everything is in ``__call__``, which knows why it refuses."""
        raise NotImplementedError


def _settings() -> WebSettings:
    from config.django import SETTINGS  # noqa: PLC0415 - read once; here so that tests may set others

    return SETTINGS.web


def _is_private(request: HttpRequest, settings: WebSettings) -> bool:
    """TLS to us, TLS to a proxy that we were told of, or a caller on this machine that no proxy stands before."""
    if request.is_secure():
        return True
    caller = _address(request.META.get("REMOTE_ADDR", ""))
    outside = request.headers.get("X-Forwarded-Proto")
    if caller is None or (outside is None and not caller.is_loopback):
        return False
    if outside is None:
        return True
    return outside == "https" and (caller.is_loopback or any(caller in net for net in settings.proxies))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


class Buckets:
    """A token bucket each: filled evenly, as deep as half a minute's worth. Counts in this process alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: dict[int, tuple[float, float]] = {}

    def wait(self, who: int, a_minute: int) -> int:
        """Takes one request out; 0, or the seconds until there is one again."""
        depth, rate = max(1.0, a_minute / 2), a_minute / 60
        with self._lock:
            now = self._clock()
            left, since = self._left.get(who, (depth, now))
            left = min(depth, left + (now - since) * rate)
            self._left[who] = (left - 1 if left >= 1 else left, now)
        return 0 if left >= 1 else int((1 - left) / rate) + 1


_BUCKETS = Buckets()
