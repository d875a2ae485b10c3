"""The text index's tables, which Django does not know: made after every migration, and empty where no entry is."""

from __future__ import annotations

from typing import Any

from django.db import connections

from vault.search.textindex import text_index

_ENTRIES = "vault_searchentry"


def install(using: str = "default", **_: Any) -> None:
    """Make them, once the entries' table is there. A receiver of ``post_migrate``, which Django's flush sends, too."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if _ENTRIES not in connection.introspection.table_names(cursor):
            return
        index = text_index()
        index.create()
        cursor.execute(f"SELECT 1 FROM {_ENTRIES} LIMIT 1")  # noqa: S608 - a constant
        if cursor.fetchone() is None:
            index.clear()
