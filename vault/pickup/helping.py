"""What the office does about waiting mail, by whatever way it asks: a code read out, an end, the notice once more.

Raises :class:`CannotHelp` with a sentence, ``VaultUnavailable``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from domain.errors import SallyportError
from domain.pickup import Standing
from vault import audit, looks
from vault.models import PickupGrant
from vault.pickup.ending import revoke
from vault.pickup.trying import Codes, Way

Send = Callable[[PickupGrant, str, str, datetime], str]
"""A grant, who, why and when, to the new grant's name once its notice has left."""


class CannotHelp(SallyportError):
    """This cannot be done with this pick-up; ``public`` says why."""


def read_out(row: PickupGrant, stands: Standing, codes: Codes, by: str, why: str, now: datetime) -> str:
    """A code for whoever rings, as it is read out ("123 456"); recorded before it is made. Earlier ones end."""
    _is_open(stands, "Its link opens nothing any more, so a code would not either; send the mail again.")
    _says(why, "Say how you made sure who rings; it goes to the audit trail.")
    details = {"grant": row.id, "recipient": row.recipient}
    looks.note(audit.Event(now, by, "pick-up code read out", row.record, why.strip(), details))
    made = codes.make(row.id, Way.OFFICER, now)
    return f"{made[:3]} {made[3:]}"


def close(row: PickupGrant, by: str, why: str, now: datetime) -> None:
    """Nobody opens it from now on, and whoever is looking at it looks no more."""
    _says(why, "Say why; it goes to the audit trail.")
    if not revoke(row, by, why.strip(), now):
        raise CannotHelp("ended", public="This pick-up was closed before.")


def send_again(row: PickupGrant, stands: Standing, send: Send, by: str, why: str, now: datetime) -> str:
    """The notice with a new link and a new date; the old link closes. The new grant's name."""
    _says(why, "Say why; it goes to the audit trail.")
    _is_open(stands, "This pick-up is closed; send the mail again.")
    return send(row, by, why.strip(), now)


def _is_open(stands: Standing, otherwise: str) -> None:
    if not stands.open:
        raise CannotHelp("closed", public=f"{_closed(stands)} {otherwise}")


def _closed(stands: Standing) -> str:
    return f"It is closed: {stands.ending}."


def _says(why: str, otherwise: str) -> None:
    if not why.strip():
        raise CannotHelp("no reason", public=otherwise)
