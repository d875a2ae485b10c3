"""Bringing the tables to this version while relays of the one before run on.

On PostgreSQL a change of a table waits until nobody is at it, and whoever comes meanwhile waits behind the change: one
long report, and no mail could be recorded. So a change that has waited for :data:`LOCK` gives way, lets everybody
through, and is tried again. A migration is one transaction; those that are done stay done.
"""

from __future__ import annotations

import time

from cli.frame import framed
from domain.errors import VaultUnavailable

LOCK = "2s"
"""PostgreSQL's ``lock_timeout`` of a change: no mail waits much longer behind it."""
_TRIES, _PAUSE = 150, 2.0


def make_tables() -> None:
    """Bring the database to the present schema. First of all, so that the frame is the one with every table.

    Raises ``VaultUnavailable`` where a table is never free for ten minutes.
    """
    framed(pages=True)
    from django.db import OperationalError

    for number in range(_TRIES):
        if number:
            time.sleep(_PAUSE)
        try:
            _migrate()
        except OperationalError as error:
            if not _had_to_wait(error):
                raise
        else:
            return
    public = "A table is in use all the time, so it could not be changed. Nothing is half done: run the command again."
    raise VaultUnavailable("lock timeout", public=public)


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK}'")
    call_command("migrate", verbosity=0, interactive=False)


def _had_to_wait(error: Exception) -> bool:
    from psycopg.errors import LockNotAvailable

    return isinstance(error.__cause__, LockNotAvailable)
