"""The waiting room: held mails, each an age file to the reviewers' key, in a store without lock, so that they can go.

The relay puts in and cannot take out (promise 4): it has the public half alone. The vault's own copy is sealed to
whom the mail is about and is kept by the rules of retention; this one is for the reviewers, and the worker destroys it
within hours once every recipient is settled. What a crash left without a row goes too.

Errors: ``VaultUnavailable``; then nothing was kept, and the mail is tried again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from domain.decision import Action, Decision
from domain.errors import SealBroken, VaultUnavailable
from domain.model import Envelope
from domain.policy import Facts
from vault import sql
from vault.held.copy import FORMAT, pack
from vault.ids import made_at, new_id
from vault.models import HeldCopy, HeldMail, HeldState, Settlement, SettlementState
from vault.objects.port import NoSuchObject, ObjectStore
from vault.rows import reading, writing, writing_plainly
from vault.sealing import seal

PREFIX = "held/"
MARGIN = timedelta(hours=1)
"""A copy that is younger may belong to a mail whose rows are still being written."""


class Room:
    """Implements ``WaitingRoom``. ``recipient`` is the reviewers' public key (``age1...``)."""

    def __init__(self, store: ObjectStore, recipient: str) -> None:
        self._store = store
        self._recipient = recipient

    def keep(self, record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> None:
        """See the port."""
        if all(d.action is not Action.HOLD for d in decisions):
            return
        sealed = seal(pack(record, envelope, facts, decisions, now), [self._recipient])
        try:
            stored = self._store.put(
                f"{PREFIX}{record}/{new_id(now)}.age",
                sealed.content,
                tags={"class": "held"},
                metadata={"format": FORMAT},
                locked_until=None,
            )
            if self._store.read_back(stored.key, stored.version).sha256 != sealed.sha256:
                raise VaultUnavailable("the waiting room read back other bytes", record=record)
        except SealBroken as error:
            raise VaultUnavailable("the waiting room", record=record) from error
        row = {"record_id": record, "key": stored.key, "version": stored.version, "kept_at": now}
        with writing_plainly(VaultUnavailable, lasting=False):  # the intent makes it last
            sql.insert(HeldCopy, [row | {"sealed_sha256": sealed.sha256}])


class NoRoom:
    """Where no reviewers' key is set: held mails can be sent again, and not released."""

    def keep(self, record: str, envelope: Envelope, facts: Facts, decisions: Sequence[Decision], now: datetime) -> None:
        """Nothing."""


def sweep(store: ObjectStore, now: datetime) -> int:
    """Destroy what nobody waits for any more, and what a crash left; how many went. Raises ``VaultUnavailable``."""
    gone = 0
    for copy in _over(now):
        _forget(store, copy.key, copy.version)
        with writing(VaultUnavailable):
            HeldCopy.objects.filter(pk=copy.pk).update(destroyed_at=now)
        gone += 1
    with reading(VaultUnavailable):
        named = set(HeldCopy.objects.filter(destroyed_at=None).values_list("key", flat=True))
    for version in list(store.versions(PREFIX)):
        if version.key not in named and _made_before(version.key, now - MARGIN):
            _forget(store, version.key, version.version)
            gone += 1
    return gone


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


def _made_before(key: str, moment: datetime) -> bool:
    """What is no name of ours is nobody's to remove."""
    try:
        return made_at(key.rpartition("/")[2].removesuffix(".age")) < moment
    except ValueError:
        return False


def _forget(store: ObjectStore, key: str, version: str) -> None:
    try:
        store.delete(key, version)
    except NoSuchObject:
        return
