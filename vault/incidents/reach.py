"""Who received what about whom: from the rows, without opening a seal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from domain.decision import Action, Method
from domain.errors import VaultUnavailable
from domain.model import Address
from domain.outgoing import Fate
from domain.pickup import Ending
from vault.held.history import Past, of_records
from vault.models import IncidentRecord, JournalEntry, PickupGrant, VaultRecord
from vault.rows import reading


@dataclass(frozen=True, slots=True)
class Received:
    """One recipient of one record. ``people`` are register references; ``how`` is the method of protection, or empty.

    ``fate`` is None where nothing durable became of it. ``stopped`` says what became of a copy that was
    held or refused.
    """

    record: str
    filed_at: datetime
    sender: str
    recipient: Address
    people: tuple[str, ...]
    classes: tuple[str, ...]
    action: Action
    how: str
    fate: Fate | None
    at: datetime | None
    stopped: Past | None = None

    @property
    def left(self) -> bool:
        """Whether a copy went out to them."""
        return self.fate is Fate.DELIVERED


@dataclass(frozen=True, slots=True)
class Reach:
    """How far it went."""

    received: tuple[Received, ...]

    @property
    def recipients(self) -> tuple[Address, ...]:
        """To whom a copy went, each once, in order."""
        return tuple(dict.fromkeys(r.recipient for r in self.received if r.left))

    @property
    def people(self) -> tuple[str, ...]:
        """About whom something went out: references, each once."""
        return tuple(sorted({p for r in self.received if r.left for p in r.people}))

    @property
    def records(self) -> tuple[str, ...]:
        """What went out, each once."""
        return tuple(dict.fromkeys(r.record for r in self.received if r.left))


def reach_of(incident: str) -> Reach:
    """Of an incident's records, by its reference. Raises ``VaultUnavailable``."""
    return _reach(VaultRecord.objects.filter(pk__in=IncidentRecord.objects.filter(incident=incident).values("record")))


def reach_of_record(record: str) -> Reach:
    """Of one record, whether an incident is open or not. Raises ``VaultUnavailable``."""
    return _reach(VaultRecord.objects.filter(pk=record))


def _reach(chosen: QuerySet[VaultRecord]) -> Reach:
    with reading(VaultUnavailable):
        records = list(chosen.prefetch_related("subjects").order_by("pk"))
        fates = _fates(records)
        put_aside = _put_aside(records)
    stopped = of_records([record.pk for record in records])
    return Reach((*_received(records, fates, stopped), *put_aside))


def _put_aside(records: Iterable[VaultRecord]) -> list[Received]:
    """What nobody sent as a mail, and waits to be picked up all the same, such as the page that a leaver signs."""
    decided = {(r.pk, Address.of(d["recipient"]).key) for r in records for d in r.decisions}
    by_id = {r.pk: r for r in records}
    grants = PickupGrant.objects.filter(record__in=list(by_id)).exclude(ended=Ending.REPLACED).order_by("made_at", "pk")
    found = {(g.record, g.recipient): g for g in grants if (g.record, g.recipient) not in decided}
    return [
        Received(
            record=grant.record,
            filed_at=by_id[grant.record].filed_at,
            sender=by_id[grant.record].sender,
            recipient=Address.of(grant.recipient),
            people=tuple(sorted(s.person for s in by_id[grant.record].subjects.all())),
            classes=tuple(by_id[grant.record].classes),
            action=Action.ENCRYPT,
            how=Method.PICK_UP.value,
            fate=Fate.DELIVERED,
            at=grant.made_at,
        )
        for grant in found.values()
    ]


def _received(
    records: Iterable[VaultRecord],
    fates: Mapping[tuple[str, str], JournalEntry],
    stopped: Mapping[tuple[str, str], Past],
) -> Iterator[Received]:
    for record in records:
        people = tuple(sorted(s.person for s in record.subjects.all()))
        for decision in record.decisions:
            yield _one(record, people, decision, fates, stopped)


def _one(
    record: VaultRecord,
    people: tuple[str, ...],
    decision: Mapping[str, Any],
    fates: Mapping[tuple[str, str], JournalEntry],
    stopped: Mapping[tuple[str, str], Past],
) -> Received:
    recipient = Address.of(decision["recipient"])
    entry = fates.get((record.pk, recipient.key))
    return Received(
        record=record.pk,
        filed_at=record.filed_at,
        sender=record.sender,
        recipient=recipient,
        people=people,
        classes=tuple(record.classes),
        action=Action[decision["action"]],
        how=decision["method"] or "",
        fate=Fate(entry.fate) if entry and entry.fate else None,
        at=entry.changed_at if entry else None,
        stopped=stopped.get((record.pk, recipient.key)),
    )


def _fates(records: Iterable[VaultRecord]) -> dict[tuple[str, str], JournalEntry]:
    """By record and recipient. A mail filed anew, because more was known, has one for its last filing alone."""
    digests = {r.digest for r in records if r.digest}
    entries = JournalEntry.objects.filter(digest__in=digests).exclude(record="")
    return {(e.record, e.recipient): e for e in entries}
