"""The database itself refuses to change or delete audit events, and their places in the tree, whatever program asks.

SQLite and PostgreSQL. Set after every migration rather than in one, because Django rebuilds a table on SQLite by
copying it, and the copy has no triggers. SQLite's REPLACE deletes without asking a DELETE
trigger, so an INSERT in the place of an event is refused as well; on PostgreSQL the like
(ON CONFLICT DO UPDATE, MERGE) is an UPDATE, and TRUNCATE is named beside it. Who owns the
database can still remove the triggers; the Merkle tree with signed checkpoints is what shows that.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

EVENTS = "vault_auditevent"
TABLES = {EVENTS: ("sequence",), "vault_auditleaf": ("index", "sequence")}
"""With the columns by which SQLite's REPLACE would find the row that it deletes."""

_VERBS = ("update", "delete", "insert")
BY_PEOPLE = "substr(action, 1, 8) <> 'intended' AND substr(action, 1, 7) <> 'outcome' AND action <> 'filed'"
"""Not the relay's own events. A query has to say it in these words, for a database to see that the indexes fit."""

_LOOKS = (
    f"CREATE INDEX IF NOT EXISTS {EVENTS}_viewer ON {EVENTS} (actor, sequence) WHERE {BY_PEOPLE}",
    f"CREATE INDEX IF NOT EXISTS {EVENTS}_people ON {EVENTS} (sequence) WHERE {BY_PEOPLE}",
)
"""Who looked at what (``vault/looks.py``), so that the relay's writing costs nothing more."""


def install(using: str = "default", **_: Any) -> None:
    """Set the triggers and the indexes, where the tables are there. A receiver of ``post_migrate``."""
    connection = connections[using]
    with connection.cursor() as cursor:
        found = set(connection.introspection.table_names(cursor))
        for table in TABLES.keys() & found:
            for statement in _sqlite(table) if connection.vendor == "sqlite" else _postgresql(table):
                cursor.execute(statement)
        if EVENTS in found:
            for statement in _LOOKS:
                cursor.execute(statement)


def unsafe_remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers off. For emptying a test's own database, and for nothing else."""
    with connection.cursor() as cursor:
        for table in TABLES.keys() & set(connection.introspection.table_names(cursor)):
            if connection.vendor == "sqlite":
                for verb in _VERBS:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}")


def _sqlite(table: str) -> list[str]:
    same = " OR ".join(f'"{column}" = NEW."{column}"' for column in TABLES[table])
    when = {"insert": f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "}  # noqa: S608 - constants
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} {when.get(verb, '')}"
        "BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END"
        for verb in _VERBS
    ]


def _postgresql(table: str) -> list[str]:
    return [
        f"""CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$""",
        f"""CREATE OR REPLACE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
    ]
