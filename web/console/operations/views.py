"""One page: what waits, the worker's jobs, the parts outside as it found them, the audit log's last checkpoint.

Nothing outside is asked for the page: the worker does that each hour, and the page says when. No secret is on it, and
nobody's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from domain.errors import SallyportError
from domain.here import HERE
from vault import operations as vault
from vault import week
from vault.week import Day
from web import clock
from web.console.answering import in_sentences
from web.console.doors import permits
from web.console.may import Action
from web.console.outside import outside
from web.console.start.picture import KINDS

_STALE = timedelta(hours=3)
_UNSIGNED = timedelta(hours=1)


@permits(Action.OPERATIONS_SEE)
@in_sentences
def operations(request: HttpRequest) -> HttpResponse:
    """All of it."""
    now = clock.now()
    jobs, parts = vault.jobs(), vault.parts()
    days = week.days(now.astimezone(HERE).date())
    late = {j.name for j in jobs if vault.is_late(j, now)}
    context: dict[str, Any] = {
        "title": "Operations",
        "now": now,
        "queue": vault.queue(now),
        "jobs": [{"job": j, "late": j.name in late, "words": _words(j.says)} for j in jobs],
        "parts": sorted(parts, key=lambda p: p.good),
        "looked_at": parts[0].at if parts else None,
        "stale": bool(parts) and now - parts[0].at > _STALE,
        "beat": max((j.at for j in jobs), default=None),
        "spans": [("Today", _copies(days[-1:])), ("The last seven days", _copies(days))],
        "metrics": outside().metrics(),
        "bad": sum(not p.good for p in parts) + sum(j.name in late or not j.good for j in jobs),
    }
    return render(request, "console/operations/operations.html", context | _audit_log())


def _copies(days: Sequence[Day]) -> list[tuple[str, int]]:
    """By what was decided of them, in words."""
    return [(text, sum(day.counts.get(action, 0) for day in days)) for action, text, _ in KINDS]


def _audit_log() -> dict[str, Any]:
    """A log that cannot be looked at is a sentence, and not the end of the page."""
    try:
        signed = outside().signed()
    except SallyportError as error:
        return {"log_problem": error.public}
    if signed is None:
        return {"log_problem": "Nothing is signed yet; the worker signs the first checkpoint."}
    behind = signed.events > signed.size and clock.now() - signed.at > _UNSIGNED
    return {"signed": signed, "log_behind": behind}


def _words(error: str) -> str:
    """A kind of error as words: ``VaultUnavailable`` is "vault unavailable"."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in error).strip()
