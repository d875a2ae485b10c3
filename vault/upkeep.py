"""How often PostgreSQL looks after the tables that grow, and those that are emptied (``docs/growth.md``).

Its own settings wait for a fifth of a table to change: of a trail of years that is a year's events at once, read back
from the disk; of a journal that is emptied each fortnight it is days of rows that nobody needs. Set after every
migration, like the triggers. What is set already is left alone: an administrator may know better, and changing a
setting waits for its table.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

_GROWS = {
    "autovacuum_vacuum_insert_scale_factor": "0.02",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_freeze_min_age": "0",  # what never changes is frozen at the first visit, and not read for it again
}
_IS_EMPTIED = {"autovacuum_vacuum_scale_factor": "0.02", "autovacuum_analyze_scale_factor": "0.05"}
TABLES = {
    "vault_auditevent": _GROWS,
    "vault_auditleaf": _GROWS,
    "vault_vaultobject": _GROWS,
    "vault_vaultsubject": _GROWS,
    "vault_journalentry": _IS_EMPTIED,
    "vault_decidedfacts": _IS_EMPTIED,
    "vault_searchwaiting": _IS_EMPTIED,
    "vault_sendernotice": _IS_EMPTIED,
    "vault_pickupattempt": _IS_EMPTIED,
}
"""A table's storage parameters."""


def install(using: str = "default", **_: Any) -> None:
    """Set what is missing, where the tables are there. A receiver of ``post_migrate``; SQLite has none of it."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reloptions FROM pg_class WHERE relkind = 'r' AND relname LIKE 'vault%'")
        there = {name: {option.partition("=")[0] for option in options or ()} for name, options in cursor.fetchall()}
        for table in TABLES.keys() & there.keys():
            missing = [f"{name} = {value}" for name, value in TABLES[table].items() if name not in there[table]]
            if missing:
                cursor.execute(f"ALTER TABLE {table} SET ({', '.join(missing)})")
