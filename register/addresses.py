"""Which addresses and domains the register knows near given ones, and whose by a name: to compare others with."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from domain.display import name_of, same
from domain.model import Address
from register.sql import Question, gather

_LENGTHS = 2
"""By so many letters a look-alike may be longer or shorter: one slip, or "rn" for an "m" twice."""
_MAILBOXES = """
SELECT DISTINCT email FROM register_party
 WHERE length(email) BETWEEN %s AND %s AND (ends IS NULL OR ends >= %s)
"""
_NAMED = """
SELECT name, email FROM register_party
 WHERE lower(name) LIKE %s AND (starts IS NULL OR starts <= %s) AND (ends IS NULL OR ends >= %s)
"""
_MOST_NAMES = 20
"""Of one mail."""
_DOMAINS = "SELECT DISTINCT domain FROM register_organisation WHERE domain <> ''"


def near(recipients: Collection[Address], today: date) -> tuple[frozenset[str], frozenset[str]]:
    """Mailboxes, and organisations' domains; both folded. At least one recipient. Raises what the database raises."""
    lengths = [len(r.key) for r in recipients]
    mailboxes, domains = gather(
        Question(_MAILBOXES, (min(lengths) - _LENGTHS, max(lengths) + _LENGTHS, today)), Question(_DOMAINS)
    )
    return frozenset(str(email) for (email,) in mailboxes), frozenset(str(domain) for (domain,) in domains)


def named(names: Collection[tuple[str, ...]], today: date) -> dict[tuple[str, ...], frozenset[str]]:
    """The mailboxes of everybody who bears such a name (``domain/display.py``). Raises what the database raises."""
    wanted = tuple(dict.fromkeys(names))[:_MOST_NAMES]
    if not wanted:
        return {}
    found = gather(*(Question(_NAMED, (f"%{max(name, key=len)}%", today, today)) for name in wanted))
    return {
        name: frozenset(str(email) for shown, email in rows if same(name, name_of(str(shown))))
        for name, rows in zip(wanted, found, strict=True)
    }
