"""Codes and passphrases that open a pick-up: made, tried, used up once, and counted. Raises ``VaultUnavailable``.

A code is kept as an HMAC under a key that the database does not have. Of several who give one code at the same moment
one gets in: a conditional UPDATE decides, on SQLite and PostgreSQL alike. Every try is counted before it is answered.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.db.models import F, Q

from domain.errors import VaultUnavailable
from domain.pickup import CODE_DIGITS, LONGEST, MOST_TRIES, VISIT_LASTS, Attempt, Doing, allowed, code_stands
from vault.models import (
    PickupAttempt,
    PickupChallenge,
    PickupCode,
    PickupContact,
    PickupDevice,
    PickupGrant,
    PickupVisit,
)
from vault.rows import reading, writing


class Way(StrEnum):
    """How somebody proves that it is them."""

    TEXT = "text message"
    OFFICER = "an officer rang"
    SHOWN = "shown here"
    DEVICE = "remembered device"
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a way


class Answer(StrEnum):
    """What came of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who tries, of which grant, from where. ``grant`` and ``recipient`` may be nobody's, and are counted alike."""

    grant: str
    recipient: str
    peer: str

    def doing(self, what: Doing, now: datetime) -> Attempt:
        """As it is counted."""
        return Attempt(what, now, self.grant, self.recipient, self.peer)


class Codes:
    """``key`` is the server's own; nobody who has the database alone can try codes out."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, grant: str, way: Way, now: datetime) -> str:
        """A new code for the grant; those before it count no more."""
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        with writing(VaultUnavailable):
            PickupCode.objects.filter(grant=grant).delete()
            PickupCode.objects.create(grant=grant, hashed=self._hashed(grant, code), way=way.value, made_at=now)
        return code

    def use(self, grant: str, given: str, now: datetime) -> Way | None:
        """How the code was given, if it is the right one and nobody used it; used up from now on."""
        digits = "".join(c for c in given if c.isdigit())
        with reading(VaultUnavailable):
            row = PickupCode.objects.filter(grant=grant).order_by("-made_at", "-pk").first()
        stands = row is not None and code_stands(row.made_at, row.tries, now, used=row.used_at is not None)
        expected = row.hashed if row is not None else ""
        right = hmac.compare_digest(self._hashed(grant, digits), expected)  # also where there is none: the same time
        if row is None or not stands:
            return None
        with writing(VaultUnavailable):
            mine = PickupCode.objects.filter(pk=row.pk, used_at=None, tries__lt=MOST_TRIES)
            counted = mine.update(tries=F("tries") + 1)
            used = counted and right and PickupCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now)
        return Way(row.way) if used else None

    def _hashed(self, grant: str, code: str) -> str:
        return hmac.digest(self._key, f"{grant}\0{code}".encode(), "sha256").hex()


def may(caller: Caller, what: Doing, now: datetime) -> bool:
    """Whether it may go on; if so it is counted."""
    asked = caller.doing(what, now)
    with writing(VaultUnavailable):
        _alone(caller)
        near = Q(grant=caller.grant) | Q(recipient=caller.recipient) | Q(peer=caller.peer)
        rows = PickupAttempt.objects.filter(near, doing=what.value, at__gt=now - LONGEST)
        before = [Attempt(what, r.at, r.grant, r.recipient, r.peer) for r in rows]
        if not allowed(asked, before):
            return False
        PickupAttempt.objects.create(
            doing=what.value, at=now, grant=caller.grant, recipient=caller.recipient, peer=caller.peer
        )
        return True


def _alone(caller: Caller) -> None:
    """Until the transaction ends, nobody else counts for this link, this recipient or this network.

    Without it, tries at one moment on PostgreSQL would not see each other. Taken in one order, so that nobody waits for
    somebody who waits for them; SQLite has one writer anyway.
    """
    if connection.vendor != "postgresql":
        return
    names = sorted({f"grant {caller.grant}", f"recipient {caller.recipient}", f"peer {caller.peer}"})
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"pick-up {name}"])


def forget(now: datetime) -> None:
    """Housekeeping: what counts towards no limit any more; codes, visits and devices that are over."""
    with writing(VaultUnavailable):
        PickupAttempt.objects.filter(at__lte=now - LONGEST).delete()
        PickupCode.objects.filter(made_at__lte=now - LONGEST).delete()
        PickupVisit.objects.filter(until__lte=now - LONGEST).delete()
        PickupChallenge.objects.filter(made_at__lte=now - LONGEST).delete()
        PickupDevice.objects.filter(until__lte=now).delete()


def begin_visit(grant: PickupGrant, way: Way, now: datetime) -> str:
    """Somebody proved that it is them: the secret of their visit, which nobody had before."""
    secret = secrets.token_urlsafe(32)
    with writing(VaultUnavailable):
        PickupVisit.objects.create(
            grant=grant.id, secret_sha256=_sha256(secret), way=way.value, began_at=now, until=now + VISIT_LASTS
        )
    return secret


def visiting(grant: str, secret: str, now: datetime) -> Way | None:
    """How the visitor with this secret proved who they are; None where the visit is over, or another grant's."""
    with reading(VaultUnavailable):
        row = PickupVisit.objects.filter(secret_sha256=_sha256(secret), grant=grant, until__gt=now).first()
    return Way(row.way) if row else None


def end_visits(grants: Iterable[str]) -> None:
    """Whoever is looking at these now, looks no more."""
    with writing(VaultUnavailable):
        PickupVisit.objects.filter(grant__in=list(grants)).delete()


def contact(link: str, address: str) -> PickupContact | None:
    """How the recipient of a link, at this (folded) address, proves that it is them.

    On PostgreSQL by a function that wants the link itself: the pick-up process's role reads nobody else's number.
    """
    with reading(VaultUnavailable):
        if connection.vendor == "postgresql":
            return next(iter(PickupContact.objects.raw("SELECT * FROM pickup_contact(%s)", [link])), None)
        return PickupContact.objects.filter(address=address).first()


def is_passphrase(known: PickupContact | None, given: str) -> bool:
    """Takes as long where none was agreed."""
    kept = known.passphrase if known and known.passphrase else _nobodys()
    right = check_password(" ".join(given.casefold().split()), kept)
    return right and bool(known and known.passphrase)


def kept_passphrase(agreed: str) -> str:
    """As a row holds it: without regard to case and to how many blanks there are, as people say it."""
    return make_password(" ".join(agreed.casefold().split()))


_NOBODY: list[str] = []


def _nobodys() -> str:
    """The hash of a passphrase that nobody knows."""
    if not _NOBODY:
        _NOBODY.append(make_password(secrets.token_urlsafe(32)))
    return _NOBODY[0]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
