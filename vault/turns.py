"""Setting a hold and beginning a destruction take turns, so that one of the two is always first.

Without it, on PostgreSQL, each could be committed without having seen the other. Taken at the
start of a transaction and given back with it; SQLite has one writer anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from domain.errors import VaultUnavailable
from vault.rows import writing

_NUMBER = 0x53414C4C59  # an advisory lock's number is anything that nobody else uses


@contextmanager
def taking_turns() -> Iterator[None]:
    """One transaction, alone among all that do this. Raises ``VaultUnavailable``."""
    with writing(VaultUnavailable):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBER])
        yield
