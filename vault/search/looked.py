"""Who opened a mail: its recipients on the pick-up pages (``opened:``), or somebody here with a master key (``seen:``).

From the audit trail, and from what the database keeps of it (``vault/search/taken.py``); nothing is opened for it. Of a
mail that left in another way nothing is known: it is neither opened nor not opened.
"""

from __future__ import annotations

from vault import sql
from vault.search import taken
from vault.search.taken import PICKED_UP

SEEN = "opened"
"""What the audit trail calls it when somebody here opens a sealed copy."""


def seen(low: int, high: int) -> list[int]:
    """Numbers of the records, from ``low`` to below ``high``, that somebody here opened, or tried to."""
    text = (
        "SELECT DISTINCT e.number FROM vault_auditevent a JOIN vault_searchentry e ON e.record_id = a.record "
        "WHERE a.action = %s AND e.number >= %s AND e.number < %s"
    )
    return [row[0] for row in sql.select(text, [SEEN, low, high])]


def picked_up(low: int, high: int) -> list[int]:
    """Those that one of their recipients opened, by whichever link."""
    return taken.numbers(low, high, opened=True)


def left_lying(low: int, high: int) -> list[int]:
    """Those that waited for a recipient who opened them by none of their links, whether these still open or not."""
    return taken.numbers(low, high, opened=False)


def picked_up_since(event: int, last: int) -> list[int]:
    """Those that a recipient opened for the first time after this event of the trail, and not after ``last``."""
    text = (
        "SELECT e.number FROM vault_auditevent a JOIN vault_searchentry e ON e.record_id = a.record "
        "WHERE a.action = %s GROUP BY e.number HAVING min(a.sequence) > %s AND min(a.sequence) <= %s"
    )
    return [row[0] for row in sql.select(text, [PICKED_UP, event, last])]
