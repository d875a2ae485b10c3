"""The database itself refuses to change or delete audit events, whatever program asks (SQLite and PostgreSQL).

Set after every migration rather than in one, because Django rebuilds a table on SQLite by
copying it, and the copy has no triggers. SQLite's REPLACE deletes without asking a DELETE
trigger, so an INSERT in the place of an event is refused as well; on PostgreSQL the like
(ON CONFLICT DO UPDATE, MERGE) is an UPDATE, and TRUNCATE is named beside it. Who owns the
database can still remove the triggers; the Merkle tree with signed checkpoints is what shows that.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLE = "vault_auditevent"

_WHEN = {
    "update": "",
    "delete": "",
    "insert": f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE sequence = NEW.sequence) ",  # noqa: S608 - a constant
}
_SQLITE = tuple(
    f"CREATE TRIGGER IF NOT EXISTS {TABLE}_no_{verb} BEFORE {verb.upper()} ON {TABLE} {when}"
    "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
    for verb, when in _WHEN.items()
)
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$""",
    f"""CREATE OR REPLACE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {TABLE}
    FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()""",
)


def install(using: str = "default", **_: Any) -> None:
    """Set the triggers, where the table is there. A receiver of ``post_migrate``."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        for statement in _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL:
            cursor.execute(statement)


def unsafe_remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off. For emptying a test's own database, and for nothing else."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        if connection.vendor == "sqlite":
            for verb in _WHEN:
                cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_{verb}")
        else:
            cursor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_no_change ON {TABLE}")
