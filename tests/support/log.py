"""An audit log of the tests' own: events, a store in a folder, a key, and a worker's round."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from tests.fakes import NOW, FakeClock
from vault import audit
from vault.merkle.checkpoint import Checkpoint
from vault.merkle.note import Kind, Signer
from vault.merkle.publishing import Publisher
from vault.merkle.sequencing import integrate
from vault.objects.local import LocalStore
from vault.objects.port import ObjectStore

ORIGIN = "council.example/audit"
LOCK = timedelta(days=3653)


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
