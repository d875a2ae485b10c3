"""Who searched what: an audit event a search, whose words only a master can read.

The query is personal data (somebody's name, an illness), and the trail is kept for long and read by many: it is sealed
to the masters, in the event. A keyed digest beside it tells who holds the index key whether two searches were the same.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.errors import ConfigurationError, VaultUnavailable
from vault import audit
from vault.masters import keys_of
from vault.models import AuditEvent
from vault.rows import reading, writing
from vault.sealing import seal_to
from vault.search.tokens import Keyed

SEARCHED = "searched"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who searches, and what for (may be empty as long as nothing is opened)."""

    actor: str
    why: str = ""


def sealed(query: str, masters: Collection[str]) -> bytes:
    """An age file of the query, which each master can open alone. Raises ``ConfigurationError`` without any."""
    if not masters:
        raise ConfigurationError("no masters", public="A search is recorded sealed to vault.masters; none is set.")
    return seal_to(query.encode(errors="backslashreplace"), keys_of(masters)).content


def record(query: str, found: int, asker: Asker, masters: Collection[str], keyed: Keyed, now: datetime) -> None:
    """Before the answer is shown. Raises ``VaultUnavailable``."""
    details = {
        "query": base64.b64encode(sealed(query, masters)).decode(),
        "same": keyed.digest(query),
        "found": found,
    }
    with writing(VaultUnavailable):
        audit.append([audit.Event(now, asker.actor, SEARCHED, "", asker.why, details)])


def record_opening(records: Collection[str], asker: Asker, now: datetime, *, for_: str = "snippet") -> None:
    """Before any of them is opened, for a snippet or for the index. Raises ``VaultUnavailable``."""
    action = "opened" if for_ == "snippet" else "read for the index"
    with writing(VaultUnavailable):
        audit.append([audit.Event(now, asker.actor, action, r, asker.why, {"for": for_}) for r in records])


def events(most: int) -> Iterator[tuple[AuditEvent, bytes]]:
    """The newest searches, with their sealed queries."""
    with reading(VaultUnavailable):
        for event in AuditEvent.objects.filter(action=SEARCHED).order_by("-sequence")[:most]:
            yield event, base64.b64decode(event.details["query"])
