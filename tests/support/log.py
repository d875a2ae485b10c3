"""An audit log of the tests' own: events, a store in a folder, a key, and a worker's round."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.core.management.color import no_style
from django.db import connection, transaction

from tests.fakes import NOW, FakeClock
from vault import audit
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.note import Kind, Signer
from vault.merkle.publishing import Publisher
from vault.merkle.sequencing import integrate
from vault.models import AuditCheckpoint, AuditEvent, AuditLeaf, AuditTile, AuditTree
from vault.objects.local import LocalStore
from vault.objects.port import ObjectStore

ORIGIN = "council.example/audit"
LOCK = timedelta(days=3653)
_MODELS = (AuditEvent, AuditLeaf, AuditTile, AuditTree, AuditCheckpoint)
_TABLES = [model._meta.db_table for model in _MODELS]


@dataclass
class Log:
    """Each :meth:`round` is what the worker does in a minute."""

    folder: Path
    now: datetime = NOW
    signer: Signer = field(default_factory=lambda: Signer.new(ORIGIN, Kind.LOG))

    def __post_init__(self) -> None:
        self.store: ObjectStore = LocalStore(self.folder / "objects", FakeClock())

    def publisher(self) -> Publisher:
        return Publisher(self.store, self.signer, ORIGIN, LOCK, timedelta(seconds=50))

    def write(self, count: int, actor: str = "relay-1") -> None:
        """New events, each other than all before it, a second apart."""
        events = []
        for _ in range(count):
            self.now += timedelta(seconds=1)
            details = {"recipient": "carer@carers.example"}
            events.append(audit.Event(self.now, actor, "outcome delivered", "", f"as intended at {self.now}", details))
        with transaction.atomic():
            audit.append(events)

    def round(self, count: int = 0) -> Checkpoint | None:
        """New events, their places, a checkpoint."""
        self.write(count)
        self.now += timedelta(minutes=1)
        integrate(self.now)
        return self.publisher().publish(self.now)

    def keep(self) -> None:
        """Its rows, beside the tables, where emptying does not look."""
        with connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"DROP TABLE IF EXISTS kept_{table}")
                cursor.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")

    def copy(self, folder: Path) -> Log:
        """The log as it was kept, in tables that are empty, with a store of its own."""
        shutil.copytree(self.folder / "objects", folder / "objects")
        with transaction.atomic(), connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
            for statement in connection.ops.sequence_reset_sql(no_style(), _MODELS):
                cursor.execute(statement)  # numbers go on behind the highest
        return Log(folder, self.now, self.signer)
