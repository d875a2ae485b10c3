"""Where mail waits to be picked up: each an age file to the pick-up process's key, in a store without lock.

The relay puts in and cannot take out (promise 4): it has the public half alone. A grant and the end of an earlier one
of the same mail are one transaction, and a constraint sees to it that two never open at once. The worker destroys the
copy once it may not be opened any more.

Errors: ``VaultUnavailable``; then no notice leaves, and the mail is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from domain.decision import Decision
from domain.errors import VaultUnavailable
from domain.model import Envelope
from domain.outgoing import ProtectedMessage, Ticket
from domain.pickup import Ending, about, concern
from domain.policy import Facts, confidential
from domain.rules import Rules
from domain.tags import without_tags
from vault import audit
from vault.ids import new_id
from vault.models import PickupGrant
from vault.objects.port import ObjectStore
from vault.pickup.copy import FORMAT, of_mail, pack
from vault.rows import reading, writing
from vault.unlocked import MARGIN, Kept, destroy, destroy_others, keep_sealed

PREFIX = "pickup/"


class PickupRoom:
    """Implements ``Pickups``. ``recipient`` is the pick-up process's public key (``age1...``)."""

    def __init__(self, store: ObjectStore, recipient: str, rules: Rules) -> None:
        self._store, self._recipient, self._rules = store, recipient, rules

    def keep(
        self,
        record: str,
        digest: str,
        envelope: Envelope,
        facts: Facts,
        decisions: Sequence[Decision],
        notices: Sequence[ProtectedMessage],
        now: datetime,
    ) -> None:
        """See the port."""
        of = {d.recipient: d for d in decisions}
        subject = without_tags(facts.message.subject, self._rules.tags)
        found = confidential(facts.analysis, facts.subjects, self._rules)
        rows = []
        for notice in notices:
            assert notice.ticket is not None  # noqa: S101 - a pick-up has one
            waiting = of_mail(envelope, notice.recipient, facts, subject, found)
            kept = keep_sealed(
                self._store, f"{PREFIX}{record}/", pack(waiting), self._recipient, ("pickup", FORMAT), now
            )
            decision = of[notice.recipient]
            row = _row(record, digest, envelope, decision, notice.ticket, kept, len(waiting.documents), now)
            row.concern = concern(decision, facts.tags.urgent, self._rules) or ""
            rows.append(row)
        grant(rows, now, "relay", "mail to somebody without a key waits for them")


class NoPickups:
    """Where no place for waiting mail is set up: nothing is decided so, and nothing of the kind may leave."""

    def keep(self, *_: Any, **__: Any) -> None:
        """Refuses."""
        raise VaultUnavailable("no place for waiting mail is set up")


def grant(rows: Sequence[PickupGrant], now: datetime, actor: str, why: str) -> None:
    """Let these open, and what was granted of the same mails before no more."""
    with writing(VaultUnavailable):
        try:
            with transaction.atomic():
                for row in rows:
                    _others(row).update(ended=Ending.REPLACED, ended_at=now)
                    row.save(force_insert=True)
        except IntegrityError as error:
            raise VaultUnavailable("somebody grants the same mail at this moment") from error
        audit.append(event(row, "granted", actor, why, now) for row in rows)


def event(row: PickupGrant, what: str, actor: str, why: str, now: datetime, **more: object) -> audit.Event:
    """What is written to the audit trail about a grant."""
    details = {"grant": row.id, "recipient": row.recipient, **more}
    return audit.Event(now, actor, f"pick-up {what}", row.record, why, details)


def sweep(store: ObjectStore, now: datetime) -> int:
    """Destroy what may not be opened any more, and what a crash left; how many went. Raises ``VaultUnavailable``."""
    over = Q(until__lte=now) | ~Q(ended="")
    with reading(VaultUnavailable):
        gone = list(PickupGrant.objects.filter(over, destroyed_at=None, made_at__lt=now - MARGIN))
    for row in gone:
        if not _opens_elsewhere(row, now):
            destroy(store, row.key, row.version)
        with writing(VaultUnavailable):
            PickupGrant.objects.filter(pk=row.pk).update(destroyed_at=now)
            audit.append([event(row, "copy destroyed", "worker", row.ended or Ending.EXPIRED, now)])
    with reading(VaultUnavailable):
        named = set(PickupGrant.objects.filter(destroyed_at=None).values_list("key", flat=True))
    return len(gone) + destroy_others(store, PREFIX, named, now)


def _opens_elsewhere(row: PickupGrant, now: datetime) -> bool:
    """A link that was sent anew opens the same copy."""
    with reading(VaultUnavailable):
        return PickupGrant.objects.filter(key=row.key, version=row.version, ended="", until__gt=now).exists()


def _others(row: PickupGrant) -> QuerySet[PickupGrant]:
    return PickupGrant.objects.filter(digest=row.digest, sender=row.sender, recipient=row.recipient, ended="")


def _row(
    record: str,
    digest: str,
    envelope: Envelope,
    decision: Decision,
    ticket: Ticket,
    kept: Kept,
    documents: int,
    now: datetime,
) -> PickupGrant:
    return PickupGrant(
        id=new_id(now),
        record=record,
        digest=digest,
        sender=envelope.sender.key,
        recipient=decision.recipient.key,
        link_sha256=ticket.link_sha256,
        about=sorted([person, category.value] for person, category in about(decision)),
        documents=documents,
        made_at=now,
        until=ticket.until,
        **kept._asdict(),
    )
