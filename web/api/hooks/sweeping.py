"""One sweep: every webhook that is due is told what it has not been told yet, in order.

A webhook's row is its whole state. A worker leases it for a while, so that two workers never tell one receiver at once;
what fails is tried again with growing pauses, and given up after a week, as the API and ``sallyport token list`` show.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from django.db.models import Q

from domain.errors import UnusableKey
from register.models import Change
from web.api.feed import lines
from web.api.hooks.kept import PLAIN, open_secret, seal_secret
from web.api.hooks.sending import Post
from web.api.hooks.signing import headers
from web.api.models import Webhook
from web.api.replies import Encoder

LEASE = timedelta(minutes=5)
GIVE_UP = timedelta(days=7)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=6)
_AT_ONCE, _LONGEST_SECONDS = 100, 20
FAILED = "failed"
_log = structlog.get_logger("web.hooks")


def sweep(post: Post, now: datetime) -> int:
    """How many changes were told."""
    due = Webhook.objects.filter(Q(next_at=None) | Q(next_at__lte=now), _free(now), gave_up_at=None).order_by("pk")
    return sum(_tell(key, post, now) for key in due.values_list("pk", flat=True))


def seal_plain_ones() -> int:
    """Secrets that an earlier version kept as they are; how many."""
    rows = Webhook.objects.filter(secret__startswith=PLAIN).values_list("pk", "secret")
    return sum(Webhook.objects.filter(pk=pk, secret=plain).update(secret=seal_secret(plain)) for pk, plain in rows)


def _free(now: datetime) -> Q:
    return Q(leased_until=None) | Q(leased_until__lte=now)


def _tell(key: int, post: Post, now: datetime) -> int:
    taken = Webhook.objects.filter(_free(now), pk=key).update(leased_until=now + LEASE)
    hook = Webhook.objects.filter(pk=key).select_related("token").first() if taken else None
    if hook is None:
        return 0
    told = 0
    try:
        if hook.token.stands(now):
            told = _tell_all(hook, post, now)
    finally:
        hook.leased_until = None
        Webhook.objects.filter(pk=key).update(**{n: getattr(hook, n) for n in _STATE})
    return told


_STATE = ("cursor", "attempts", "failing_since", "next_at", "last_said", "gave_up_at", "leased_until")


def _tell_all(hook: Webhook, post: Post, now: datetime) -> int:
    """Until all is told, or something fails. What it did not ask for is passed over."""
    told, begun = 0, time.monotonic()
    found = list(Change.objects.filter(number__gt=hook.cursor)[:_AT_ONCE])
    for change, line in zip(found, lines(found), strict=True):
        if time.monotonic() - begun > _LONGEST_SECONDS:  # well within the lease
            break
        if not hook.kinds or change.kind in hook.kinds:
            if not _told(hook, line, post, now):
                break
            told += 1
        hook.cursor = change.number
    return told


def _told(hook: Webhook, line: dict[str, object], post: Post, now: datetime) -> bool:
    body = json.dumps(line, cls=Encoder, separators=(",", ":")).encode()
    try:
        signed = headers(open_secret(hook.secret), f"msg_{hook.pk}_{line['number']}", now, body)
        status = post(hook.url, body, signed)
    except (OSError, UnusableKey) as error:
        return _failed(hook, now, type(error).__name__)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        hook.attempts, hook.failing_since, hook.next_at, hook.last_said = 0, None, None, str(status)
        return True
    return _failed(hook, now, str(status), gone=status == HTTPStatus.GONE)


def _failed(hook: Webhook, now: datetime, said: str, *, gone: bool = False) -> bool:
    """Notes when to try again; 410 means never (Standard Webhooks).

    Why goes to the log alone: who asked for a webhook would learn from it what listens where.
    """
    hook.attempts += 1
    hook.last_said = FAILED
    hook.failing_since = hook.failing_since or now
    hook.next_at = now + pause(hook.attempts)
    if gone or now - hook.failing_since >= GIVE_UP:
        hook.gave_up_at = now
    _log.warning("webhook failed", webhook=hook.pk, said=said, attempts=hook.attempts, given_up=bool(hook.gave_up_at))
    return False


def pause(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s ... up to six hours."""
    return min(_FIRST_PAUSE * int(2 ** min(attempts - 1, 20)), _LONGEST_PAUSE)


def given_up() -> list[int]:
    """The webhooks that nobody tells any more."""
    return list(Webhook.objects.exclude(gave_up_at=None).order_by("pk").values_list("pk", flat=True))
