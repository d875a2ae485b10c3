"""Which addresses and domains the register knows, near given ones in length: to compare a mistyped one with."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from domain.model import Address
from register.sql import Question, gather

_LENGTHS = 2
"""By so many letters a look-alike may be longer or shorter: one slip, or "rn" for an "m" twice."""
_MAILBOXES = """
SELECT DISTINCT email FROM register_party
 WHERE length(email) BETWEEN %s AND %s AND (ends IS NULL OR ends >= %s)
"""
_DOMAINS = "SELECT DISTINCT domain FROM register_organisation WHERE domain <> ''"


def near(recipients: Collection[Address], today: date) -> tuple[frozenset[str], frozenset[str]]:
    """Mailboxes, and organisations' domains; both folded. At least one recipient. Raises what the database raises."""
    lengths = [len(r.key) for r in recipients]
    mailboxes, domains = gather(
        Question(_MAILBOXES, (min(lengths) - _LENGTHS, max(lengths) + _LENGTHS, today)), Question(_DOMAINS)
    )
    return frozenset(str(email) for (email,) in mailboxes), frozenset(str(domain) for (domain,) in domains)
