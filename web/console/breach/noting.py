"""What somebody of the breach team looks at is in the audit trail before it is shown. Raises ``VaultUnavailable``."""

from __future__ import annotations

from django.http import HttpRequest

from vault.acting import Acting
from web import clock
from web.console import answering
from web.console.doors import who


def acting(request: HttpRequest, why: str = "") -> Acting:
    """Whoever is signed in, now."""
    return Acting(who(request).actor, clock.now(), why)


def looked(request: HttpRequest, action: str, record: str = "", **details: object) -> Acting:
    """An event, durable on return."""
    answering.looked(request, action, record=record, why="", **details)
    return acting(request)
