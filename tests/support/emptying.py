"""A test's own database, emptied after it: what Django's flush does, without its TRUNCATE.

To truncate seventy tables costs PostgreSQL half a second a test, most of them empty; to delete what is in them, little.
"""

from __future__ import annotations

from django.db import connection, transaction

from vault import week
from vault.search import schema
from vault.triggers import install, unsafe_remove


def empty() -> None:
    """No row is left, numbers begin at 1, and what is set after every migration is there (triggers, the text index)."""
    connection.close()  # whatever a test did to it
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    (_sqlite if connection.vendor == "sqlite" else _postgresql)(tables)
    install()
    schema.install()
    week._kept.clear()  # days that are over are counted once, and these days are no more


def _sqlite(tables: list[str]) -> None:
    unsafe_remove(connection)  # events refuse to be deleted; the tests' own database may forget them
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')
        cursor.execute("UPDATE sqlite_sequence SET seq = 0")


_POSTGRESQL = """
SET session_replication_role = replica; -- no trigger runs: neither those that refuse, nor those of foreign keys
DO $$ DECLARE filled text; BEGIN
    FOR filled IN SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relname = ANY('{%s}') AND pg_relation_size(oid) > 0
    LOOP EXECUTE format('DELETE FROM %%I', filled); END LOOP;
END $$;
SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, 1, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
SET session_replication_role = origin;
"""


def _postgresql(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL % ",".join(tables))
