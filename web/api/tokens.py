"""Tokens: made, found again by their digest, revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import IntegrityError, transaction

from domain.errors import SallyportError
from web.api.models import ApiToken

_PREFIX = "slp_"
_USED_EVERY = timedelta(minutes=1)


class Scope(StrEnum):
    """What a token may do. Nothing follows from another: a program gets each that it needs."""

    REGISTER_READ = "register:read"
    REGISTER_WRITE = "register:write"
    REVIEWS_WRITE = "reviews:write"
    FEED_READ = "feed:read"
    WEBHOOKS_WRITE = "webhooks:write"


class UnusableTokenError(SallyportError):
    """A token that was asked for cannot be made; ``public`` says why."""


def add(name: str, scopes: Collection[str], now: datetime, lifetime: timedelta) -> str:
    """A new token, to be shown once. Raises :class:`UnusableTokenError` for a scope not known or a name taken."""
    unknown = sorted(set(scopes) - set(Scope))
    if unknown or not scopes:
        public = f"A token needs scopes out of {', '.join(Scope)}."
        raise UnusableTokenError("scopes", public=public)
    token = _PREFIX + secrets.token_urlsafe(32)
    made = ApiToken(name=name, digest=digest(token), scopes=sorted(set(scopes)), created_at=now)
    made.expires_at = now + lifetime
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        raise UnusableTokenError("token name", public=f"There is a token named '{name}' already.") from None
    return token


def revoke(name: str, now: datetime) -> bool:
    """Whether there was one that stood."""
    return bool(ApiToken.objects.filter(name=name, revoked_at=None).update(revoked_at=now))


def find(token: str, now: datetime) -> ApiToken | None:
    """The row of a token that stands.

    Looked up by its digest: how long that takes tells nothing about the token, whose 256 bits cannot be guessed.
    """
    row = ApiToken.objects.filter(digest=digest(token)).first()
    if row is None or not row.stands(now):
        return None
    if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row


def digest(token: str) -> str:
    """SHA-256 in hexadecimal; enough for a random token, as a password's slow hash would be for a word."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
