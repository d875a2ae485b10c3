"""Which mails their recipients opened, one row for each mail and recipient: kept by the database itself.

The audit trail says it, in a few events among millions; a search that asked it counted all of them for two numbers. So
a trigger writes the row in the transaction of the event: the link that was granted, and that somebody came in. No
program can forget it, an older one that still runs beside a new one neither, and the pick-up process needs no right to
the table. Made after every migration, and filled from the trail then, so that what a restored or older database lacks
is there.
"""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from vault import sql
from vault.triggers import EVENTS

GRANTED, PICKED_UP = "pick-up granted", "pick-up opened"
"""What the trail calls it when a mail begins to wait, and when its recipient comes in with a code or a device."""
_TABLE, _TRIGGER = "vault_pickuptaken", "vault_pickuptaken_from_trail"
_WATCHED = f"('{GRANTED}', '{PICKED_UP}')"
_NEW = "(SELECT NEW.record AS record, NEW.action AS action, NEW.details AS details) t"
_CHANGE = f"ON CONFLICT (number, recipient) DO UPDATE SET opened = {_TABLE}.opened OR excluded.opened"


def install(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """The trigger and the rows, once the tables are there. A receiver of ``post_migrate``."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if {_TABLE, EVENTS, "vault_searchentry"} <= set(connection.introspection.table_names(cursor)):
            for statement in (_postgresql if connection.vendor == "postgresql" else _sqlite)(connection):
                cursor.execute(statement)
            cursor.execute(_fill(connection, f"{EVENTS} t"))


def step_aside(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """A receiver of ``pre_migrate``: SQLite changes no table that a trigger of another one names."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER IF EXISTS {_TRIGGER}")


def catch_up(record: str) -> None:
    """What the trail says of a record that had no number until now. Within the caller's transaction."""
    text = _fill(connections[DEFAULT_DB_ALIAS], f"{EVENTS} t", " AND t.record = %s")
    sql.update(text, [record])


def numbers(low: int, high: int, *, opened: bool) -> list[int]:
    """Records, from ``low`` to below ``high``, that one of their recipients opened, or did not."""
    yes = "TRUE" if opened else "FALSE"
    text = f"SELECT DISTINCT number FROM {_TABLE} WHERE opened = {yes} AND number >= %s AND number < %s"  # noqa: S608 - constants
    return [number for (number,) in sql.select(text, [low, high])]


def _fill(connection: BaseDatabaseWrapper, events: str, more: str = "") -> str:
    """Rows of these events (``t``), as both the trigger and the first filling write them."""
    postgresql = connection.vendor == "postgresql"
    recipient = "t.details ->> 'recipient'" if postgresql else "json_extract(t.details, '$.recipient')"
    return (
        f"INSERT INTO {_TABLE} (number, recipient, opened) "  # noqa: S608 - constants
        f"SELECT e.number, {recipient}, max(CASE WHEN t.action = '{PICKED_UP}' THEN 1 ELSE 0 END) = 1 "
        f"FROM {events} JOIN vault_searchentry e ON e.record_id = t.record "
        f"WHERE t.action IN {_WATCHED} AND {recipient} IS NOT NULL{more} GROUP BY e.number, {recipient} {_CHANGE}"
    )


def _sqlite(connection: BaseDatabaseWrapper) -> list[str]:
    when, fill = f"AFTER INSERT ON {EVENTS} WHEN NEW.action IN {_WATCHED}", _fill(connection, _NEW)
    return [f"DROP TRIGGER IF EXISTS {_TRIGGER}", f"CREATE TRIGGER {_TRIGGER} {when} BEGIN {fill}; END"]


def _postgresql(connection: BaseDatabaseWrapper) -> list[str]:
    """By the owner's rights: who writes the event need not have any."""
    return [
        f"""CREATE OR REPLACE FUNCTION {_TRIGGER}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN {_fill(connection, _NEW)}; RETURN NULL; END $$""",
        f"REVOKE ALL ON FUNCTION {_TRIGGER}() FROM PUBLIC",
        f"""CREATE OR REPLACE TRIGGER {_TRIGGER} AFTER INSERT ON {EVENTS}
    FOR EACH ROW WHEN (NEW.action IN {_WATCHED}) EXECUTE FUNCTION {_TRIGGER}()""",
    ]
