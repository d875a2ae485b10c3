"""Who received what about whom, and who opened it: ``vault/incidents/reach.py`` in people's words.

"Delivered" means that the next mail server took it. Whether somebody read a mail that was encrypted to their own key
cannot be known; what was picked up from our pages can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.decision import Method
from domain.outgoing import Fate
from domain.pickup import Ending
from vault.held.words import became
from vault.incidents.reach import Reach, Received
from vault.models import PickupGrant
from vault.pickup.history import Story, stories
from web.console.breach.forms import CLASSES
from web.searching import called

_FATES = {
    Fate.DELIVERED: "Delivered",
    Fate.HELD: "Held",
    Fate.TOLD: "Not sent; the sender was told",
    Fate.TRY_AGAIN: "Not sent yet",
    None: "Nothing yet",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient of one mail. ``grant`` is what waits for them and can still be closed, or empty."""

    record: str
    sent: datetime
    recipient: str
    people: tuple[str, ...]
    classes: tuple[str, ...]
    how: str
    fate: str
    at: datetime | None
    left: bool
    opened: str
    grant: str


@dataclass(frozen=True, slots=True)
class Table:
    """All of them, and the sentence above."""

    rows: tuple[Row, ...]
    recipients: tuple[str, ...]
    people: int

    @property
    def sentence(self) -> str:
        """How far it went."""
        if not self.recipients:
            return "No copy has left."
        many = "1 recipient has" if len(self.recipients) == 1 else f"{len(self.recipients)} recipients have"
        whom = "nobody known" if not self.people else "1 person" if self.people == 1 else f"{self.people} people"
        return f"{many} received a copy, about {whom}."

    @property
    def waiting(self) -> tuple[Row, ...]:
        """What can still be closed."""
        return tuple(row for row in self.rows if row.grant)


def table_of(reach: Reach, now: datetime) -> Table:
    """In three queries, however many there are. Raises ``VaultUnavailable``."""
    grants = _grants({r.record for r in reach.received})
    so_far = stories(list(grants.values()))
    known = called({p for r in reach.received for p in r.people})
    rows = tuple(_row(r, grants, so_far, known, now) for r in reach.received)
    return Table(rows, tuple(a.key for a in reach.recipients), len(reach.people))


def _grants(records: set[str]) -> dict[tuple[str, str], PickupGrant]:
    """By record and recipient, the last one that was not replaced by another."""
    rows = PickupGrant.objects.filter(record__in=records).exclude(ended=Ending.REPLACED).order_by("made_at", "pk")
    return {(row.record, row.recipient): row for row in rows}


def _row(
    one: Received,
    grants: Mapping[tuple[str, str], PickupGrant],
    so_far: Mapping[str, Story],
    known: Mapping[str, str],
    now: datetime,
) -> Row:
    grant = grants.get((one.record, one.recipient.key))
    return Row(
        record=one.record,
        sent=one.filed_at,
        recipient=one.recipient.key,
        people=tuple(known.get(p, p) for p in one.people),
        classes=tuple(CLASSES.get(c, c) for c in one.classes),
        how=_how(one),
        fate=_became(one),
        at=(one.stopped and one.stopped.ended_at) or one.at,
        left=one.left,
        opened=_opened(one, grant, so_far, now),
        grant=grant.id if grant and _is_waiting(grant, now) else "",
    )


def _how(one: Received) -> str:
    if not one.how:
        return "In the clear" if one.left else ""
    return "Kept to be picked up" if one.how == Method.PICK_UP else f"Encrypted ({one.how})"


def _became(one: Received) -> str:
    """Of a copy that did not leave, what its officer or a reviewer made of it since."""
    if one.left or one.stopped is None:
        return _FATES[one.fate]
    said = became(one.stopped)
    return said[:1].upper() + said[1:]


def _opened(one: Received, grant: PickupGrant | None, so_far: Mapping[str, Story], now: datetime) -> str:
    if grant is None:
        return "Cannot be known" if one.left else "No"
    said = so_far[grant.id].summary
    said = said[:1].upper() + said[1:]
    return said if _is_waiting(grant, now) else f"{said}; closed now"


def _is_waiting(grant: PickupGrant, now: datetime) -> bool:
    return not grant.ended and grant.destroyed_at is None and grant.until > now
