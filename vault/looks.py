"""Who saw what: the audit trail by person, by record and by viewer.

The relay's own events (filed, intended, outcome) are most of the trail; an index leaves them out, so that what people
and programs did is found at once (``vault/triggers.py`` makes it). Nothing is loaded at once but the numbers.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from domain.errors import VaultUnavailable
from vault import audit, sql
from vault.models import AuditEvent, VaultSubject
from vault.rows import reading, writing
from vault.triggers import BY_PEOPLE

_CHUNK = 500
_VIEWER = f"SELECT sequence FROM vault_auditevent WHERE actor = %s AND {BY_PEOPLE} ORDER BY sequence"  # noqa: S608 - a constant
_PICKED_UP = f"""SELECT sequence FROM vault_auditevent
WHERE actor = 'pick-up' AND {BY_PEOPLE} AND CAST(details AS text) LIKE %s ORDER BY sequence"""  # noqa: S608 - a constant
_MENTIONS = f"""SELECT sequence FROM vault_auditevent
WHERE {BY_PEOPLE} AND CAST(details AS text) LIKE %s ORDER BY sequence"""  # noqa: S608 - a constant
_LAST = f"SELECT sequence FROM vault_auditevent WHERE {BY_PEOPLE} ORDER BY sequence DESC LIMIT %s"  # noqa: S608 - a constant


def note(event: audit.Event) -> None:
    """One event in a transaction of its own: before a look, for example. Raises ``VaultUnavailable``."""
    with writing(VaultUnavailable):
        audit.append([event])


def of_viewer(actor: str, since: datetime | None = None) -> Iterator[AuditEvent]:
    """What somebody did, oldest first; but not what a relay did with mails.

    An address is a recipient's: what was done on the pick-up pages with the links that were sent there.
    """
    with reading(VaultUnavailable):
        if "@" in actor and ":" not in actor:
            address = actor.strip().casefold()
            found = _events((n for (n,) in sql.select(_PICKED_UP, [f'%"{address}"%'])), since)
            yield from (event for event in found if event.details.get("recipient") == address)
            return
        yield from _events((n for (n,) in sql.select(_VIEWER, [actor])), since)


def of_record(record: str, since: datetime | None = None) -> Iterator[AuditEvent]:
    """All that was done with a record, decisions too, oldest first."""
    with reading(VaultUnavailable):
        numbers = AuditEvent.objects.filter(record=record).order_by("sequence").values_list("sequence", flat=True)
        yield from _events(numbers.iterator(), since)


def of_person(person: str, since: datetime | None = None) -> Iterator[AuditEvent]:
    """All that was done with records about a person (a register reference), and what names the person itself."""
    with reading(VaultUnavailable):
        records = VaultSubject.objects.filter(person=person).values("record_id")
        about = AuditEvent.objects.filter(record__in=records).order_by("sequence").values_list("sequence", flat=True)
        naming = (n for (n,) in sql.select(_MENTIONS, [f'%"{person}"%']))
        yield from _events(_once(heapq.merge(about.iterator(), naming)), since)


def last(limit: int, *, relay: bool, after: int = 0) -> list[AuditEvent]:
    """The newest events, oldest of them first; with or without the relay's; only those after a number."""
    with reading(VaultUnavailable):
        if relay:
            rows = AuditEvent.objects.filter(sequence__gt=after).order_by("-sequence")[:limit]
            return list(rows)[::-1]
        numbers = [n for (n,) in sql.select(_LAST, [limit]) if n > after]
        return list(_events(reversed(numbers), None))


def _events(numbers: Iterable[int], since: datetime | None) -> Iterator[AuditEvent]:
    rest = iter(numbers)
    while chunk := list(islice(rest, _CHUNK)):
        rows = AuditEvent.objects.in_bulk(chunk)
        yield from (rows[n] for n in chunk if n in rows and (since is None or rows[n].at >= since))


def _once(numbers: Iterable[int]) -> Iterator[int]:
    before = None
    for number in numbers:
        if number != before:
            yield number
        before = number
