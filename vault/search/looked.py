"""Who opened a mail: its recipients on the pick-up pages (``opened:``), or somebody here with a master key (``seen:``).

From the audit trail and the rows of what waits; nothing is opened for it. Of a mail that left in another way nothing is
known: it is neither opened nor not opened.
"""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections

from vault import sql

SEEN = "opened"
"""What the audit trail calls it when somebody here opens a sealed copy."""
PICKED_UP = "pick-up opened"
"""What it calls it when a recipient comes in with a code or a device. What is done inside comes after it."""


def seen(low: int, high: int) -> list[int]:
    """Numbers of the records, from ``low`` to below ``high``, that somebody here opened, or tried to."""
    return _of(SEEN, low, high)


def picked_up(low: int, high: int) -> list[int]:
    """Those that one of their recipients opened, by whichever link."""
    return _of(PICKED_UP, low, high)


def left_lying(low: int, high: int) -> list[int]:
    """Those that waited for a recipient who opened them by none of their links, whether these still open or not."""
    text = (
        "SELECT DISTINCT e.number FROM vault_pickupgrant g JOIN vault_searchentry e ON e.record_id = g.record "  # noqa: S608 - a constant
        f"LEFT JOIN (SELECT DISTINCT record, {_recipient()} AS recipient FROM vault_auditevent "
        "WHERE action = %s) o ON o.record = g.record AND o.recipient = g.recipient "
        "WHERE o.record IS NULL AND e.number >= %s AND e.number < %s"
    )
    return [row[0] for row in sql.select(text, [PICKED_UP, low, high])]


def picked_up_since(event: int, last: int) -> list[int]:
    """Those that a recipient opened for the first time after this event of the trail, and not after ``last``."""
    text = (
        "SELECT e.number FROM vault_auditevent a JOIN vault_searchentry e ON e.record_id = a.record "
        "WHERE a.action = %s GROUP BY e.number HAVING min(a.sequence) > %s AND min(a.sequence) <= %s"
    )
    return [row[0] for row in sql.select(text, [PICKED_UP, event, last])]


def _of(action: str, low: int, high: int) -> list[int]:
    text = (
        "SELECT DISTINCT e.number FROM vault_auditevent a JOIN vault_searchentry e ON e.record_id = a.record "
        "WHERE a.action = %s AND e.number >= %s AND e.number < %s"
    )
    return [row[0] for row in sql.select(text, [action, low, high])]


def _recipient() -> str:
    """Whose pick-up an event is about, in the database's own words."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        return "details ->> 'recipient'"
    return "json_extract(details, '$.recipient')"
