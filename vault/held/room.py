"""The waiting room: held mails, each an age file to the reviewers' key, in a store without lock, so that they can go.

The relay puts in and cannot take out (promise 4): it has the public half alone. The vault's own copy is sealed to
whom the mail is about and is kept by the rules of retention; this one is for the reviewers, and the worker destroys it
within hours once every recipient is settled. What a crash left without a row goes too.

Errors: ``VaultUnavailable``; then nothing was kept, and the mail is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from domain.decision import Action, Decision
from domain.errors import VaultUnavailable
from domain.model import Envelope
from domain.policy import Facts
from vault import sql
from vault.held.copy import FORMAT, pack
from vault.models import HeldCopy, HeldMail, HeldState, Settlement, SettlementState
from vault.objects.port import ObjectStore
from vault.rows import reading, writing, writing_plainly
from vault.unlocked import MARGIN, destroy, destroy_others, keep_sealed

PREFIX = "held/"


class Room:
    """Implements ``WaitingRoom``. ``recipient`` is the reviewers' public key (``age1...``)."""

    def __init__(self, store: ObjectStore, recipient: str) -> None:
        self._store = store
        self._recipient = recipient

    def keep(self, record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> None:
        """See the port."""
        if all(d.action is not Action.HOLD for d in decisions):
            return
        content = pack(record, envelope, facts, decisions, now)
        kept = keep_sealed(self._store, f"{PREFIX}{record}/", content, self._recipient, ("held", FORMAT), now)
        row = {"record_id": record, "kept_at": now} | kept._asdict()
        with writing_plainly(VaultUnavailable, lasting=False):  # the intent makes it last
            sql.insert(HeldCopy, [row])


class NoRoom:
    """Where no reviewers' key is set: held mails can be sent again, and not released."""

    def keep(self, record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> None:
        """Nothing."""


def sweep(store: ObjectStore, now: datetime) -> int:
    """Destroy what nobody waits for any more, and what a crash left; how many went. Raises ``VaultUnavailable``."""
    gone = 0
    for copy in _over(now):
        destroy(store, copy.key, copy.version)
        with writing(VaultUnavailable):
            HeldCopy.objects.filter(pk=copy.pk).update(destroyed_at=now)
        gone += 1
    with reading(VaultUnavailable):
        named = set(HeldCopy.objects.filter(destroyed_at=None).values_list("key", flat=True))
    return gone + destroy_others(store, PREFIX, named, now)


def _over(now: datetime) -> list[HeldCopy]:
    """Copies of mails of which no recipient waits, and those that a newer copy of the same mail has replaced."""
    waiting = HeldMail.objects.filter(record=OuterRef("record"), state=HeldState.HELD)
    under_way = Settlement.objects.filter(
        held__record=OuterRef("record"), state__in=[SettlementState.PROPOSED, SettlementState.ORDERED]
    )
    newer = HeldCopy.objects.filter(record=OuterRef("record"), kept_at__gt=OuterRef("kept_at"), destroyed_at=None)
    living = HeldCopy.objects.filter(destroyed_at=None, kept_at__lt=now - MARGIN)
    with reading(VaultUnavailable):
        return list(living.filter(Exists(newer) | ~(Exists(waiting) | Exists(under_way))))
