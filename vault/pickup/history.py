"""What became of a pick-up, from the audit trail: for the officer, honestly. Raises ``VaultUnavailable``.

That a page was shown is known; that somebody read it is not. A download is a copy that nobody can take back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.errors import VaultUnavailable
from vault.models import AuditEvent, PickupGrant
from vault.rows import reading

_SAID = {
    "pick-up granted": "put aside to be picked up",
    "pick-up code sent": "a code was sent",
    "pick-up code read out": "a code was read out on the telephone",
    "pick-up code refused: too many": "no more codes were sent: too many had been asked for",
    "pick-up try refused: too many": "no more codes could be tried: too many had been wrong",
    "pick-up wrong code": "a wrong code was given",
    "pick-up opened": "opened",
    "pick-up message read": "the message was shown",
    "pick-up document read": "shown",
    "pick-up document downloaded": "a copy was downloaded",
    "pick-up device remembered": "a device is remembered from now on",
    "pick-up wrong device": "a device that is not remembered was tried",
    "pick-up signed": "signed",
    "pick-up leaving signed": "what came back and what was deleted was signed",
    "pick-up signed copy downloaded": "the signed copy was downloaded",
    "pick-up answered": "an answer was sent",
    "pick-up revoked": "closed",
    "pick-up copy destroyed": "the waiting copy was destroyed",
    "outcome delivered": "the notice left",
    "outcome try-again": "the notice could not leave yet",
    "outcome told": "the notice was refused on its way",
}


@dataclass(frozen=True, slots=True)
class Story:
    """``steps``: each thing that was done, in order, in words; ``summary``: the furthest that it came, in a few."""

    steps: tuple[tuple[datetime, str], ...]
    summary: str


def stories(rows: Collection[PickupGrant]) -> Mapping[str, Story]:
    """By the grant's name; one question to the database for all."""
    with reading(VaultUnavailable):
        about = AuditEvent.objects.filter(record__in={r.record for r in rows}, action__in=_SAID).order_by("sequence")
        events = list(about)
    told = {}
    for row in rows:
        own = [e for e in events if e.record == row.record and _is_of(e, row)]
        told[row.id] = Story(tuple((e.at, _words(e)) for e in own), _summary(own))
    return told


def steps(row: PickupGrant) -> Iterator[tuple[datetime, str]]:
    """Each thing that was done, in order, in words."""
    yield from stories([row])[row.id].steps


def summary(row: PickupGrant) -> str:
    """In a few words, the furthest that it came."""
    return stories([row])[row.id].summary


def _summary(events: Collection[AuditEvent]) -> str:
    done = {e.action for e in events}
    copies = sorted({str(e.details.get("document")) for e in events if e.action == "pick-up document downloaded"})
    if copies:
        return f"a copy of document {', '.join(copies)} was downloaded"
    if "pick-up message read" in done or "pick-up opened" in done:
        return "opened"
    return "not opened yet" if "outcome delivered" in done else "the notice has not left yet"


def _is_of(event: AuditEvent, row: PickupGrant) -> bool:
    if event.action.startswith("outcome"):
        return bool(event.details.get("recipient") == row.recipient and event.at >= row.made_at)
    return bool(event.details.get("grant") == row.id)


def _words(event: AuditEvent) -> str:
    told = _SAID[event.action]
    details = event.details
    if "document" in details:
        told = f"document {details['document']}: {told}"
    if "way" in details:
        told = f"{told} ({details['way']})"
    way, _, who = event.actor.partition(":")
    return f"{told}, by {who}: {event.why}" if way in {"cli", "console"} else told
