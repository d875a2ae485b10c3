"""How many copies of mails were sent, encrypted, held and refused, day by day. Rows alone; the database counts.

A day that is over is counted once in this process: what was decided on it stays decided.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection

from domain.decision import Action
from domain.errors import VaultUnavailable
from domain.here import HERE
from vault import sql
from vault.ids import earliest
from vault.models import HeldMail
from vault.rows import reading

_EACH = {
    "sqlite": ("json_extract(d.value, '$.action')", "json_each(r.decisions) d"),
    "postgresql": ("d.value ->> 'action'", "jsonb_array_elements(r.decisions) d(value)"),
}
_kept: dict[tuple[str, date], Counter[Action]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Day:
    """Copies by what was decided of them."""

    day: date
    counts: Counter[Action]


def days(last: date, many: int = 7) -> list[Day]:
    """The last days, oldest first, by the time here. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        return [Day(d, _of(d, over=d < last)) for d in (last - timedelta(days=n) for n in reversed(range(many)))]


def held_by_reason(since: datetime) -> Counter[str]:
    """Why copies were held since then: the decisive reasons, in words. Raises ``VaultUnavailable``."""
    with reading(VaultUnavailable):
        decisions = HeldMail.objects.filter(held_at__gte=since).values_list("decision", flat=True)
        return Counter(
            why
            for decision in decisions.iterator(chunk_size=500)
            for why in dict.fromkeys(r["why"] for r in decision["reasons"] if r["action"] == decision["action"])
        )


def _of(day: date, *, over: bool) -> Counter[Action]:
    key = (str(connection.settings_dict["NAME"]), day)
    with _lock:
        known = _kept.get(key)
    if known is not None:
        return known
    found = _counted(day)
    if over:
        with _lock:
            _kept[key] = found
    return found


def _counted(day: date) -> Counter[Action]:
    action, each = _EACH[connection.vendor]
    start, end = (earliest(datetime.combine(d, time.min, HERE)) for d in (day, day + timedelta(days=1)))
    text = (
        f"SELECT {action}, count(*) FROM vault_vaultrecord r, {each} "  # noqa: S608 - of this module's own words
        "WHERE r.id >= %s AND r.id < %s GROUP BY 1"
    )
    return Counter({Action[str(name)]: int(times) for name, times in sql.select(text, [start, end])})
