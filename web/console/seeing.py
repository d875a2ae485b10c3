"""Whoever looks at what is confidential is in the audit trail before they see it: unrecorded is unshown."""

from __future__ import annotations

from django.http import HttpRequest

from vault import audit, looks
from web import clock
from web.console.doors import who


def saw(request: HttpRequest, action: str, *, record: str = "", why: str = "", **details: object) -> None:
    """An event in the name of whoever is signed in, durable on return. Raises ``VaultUnavailable``."""
    looks.note(audit.Event(clock.now(), who(request).actor, action, record, why, details))
