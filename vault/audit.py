"""The audit trail: events that are added and never changed (promise 2, UK GDPR Art. 5(2)).

Each row carries its own leaf hash (RFC 9162 section 2.1.1: SHA-256 of a zero byte and the entry),
over a canonical JSON text of everything but the sequence number, which the database gives.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vault import sql
from vault.models import AuditEvent

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Event:
    """Who (a process's or a person's account), what, which record, why; ``details`` without words of any document."""

    at: datetime
    actor: str
    action: str
    record: str = ""
    why: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


def append(events: Iterable[Event]) -> None:
    """Add the events in their order, within the caller's transaction. Raises what the database raises."""
    sql.insert(AuditEvent, [_row(_storable(e)) for e in events])


def leaf_hash(event: Event) -> str:
    """Hexadecimal."""
    return hashlib.sha256(b"\x00" + canonical(event)).hexdigest()


def canonical(event: Event) -> bytes:
    """The entry as it is hashed: JSON, sorted, no spaces, UTF-8, time in UTC with microseconds."""
    entry = {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor,
        "action": event.action,
        "record": event.record,
        "why": event.why,
        "details": dict(event.details),
    }
    return _JSON.encode(entry).encode()


def of_row(row: AuditEvent) -> Event:
    """The event that a row holds; its ``leaf_hash`` must be the row's ``leaf``."""
    return Event(row.at, row.actor, row.action, row.record, row.why, row.details)


def _storable(event: Event) -> Event:
    """As both databases give it back: else an event that nobody touched would look edited later, or not be written."""
    return Event(
        at=event.at,
        actor=_text(event.actor),
        action=_text(event.action),
        record=_text(event.record),
        why=_text(event.why),
        details={_text(str(k)): _plain(v) for k, v in event.details.items()},
    )


def _plain(value: object) -> object:
    """JSON that PostgreSQL's jsonb does not write otherwise: names are text, and fractions are, too."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {_text(str(k)): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _text(value: str) -> str:
    """Without what neither database takes: zero bytes, and halves of signs that came in as broken UTF-8."""
    if value.isascii() and "\0" not in value:
        return value
    return value.encode(errors="backslashreplace").decode().replace("\0", "\\0")


def _row(event: Event) -> dict[str, object]:
    return {
        "at": event.at,
        "actor": event.actor,
        "action": event.action,
        "record": event.record,
        "why": event.why,
        "details": dict(event.details),
        "leaf": leaf_hash(event),
    }
