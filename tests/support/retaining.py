"""Makers for the tests of retention: records in rows, objects in a store, and people's lives in a dictionary."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from config.retention import load
from domain.errors import RegisterUnavailable
from domain.retention_reckoning import Life, Stay
from vault.ids import new_id
from vault.models import ObjectKind, RecordState, VaultObject, VaultRecord, VaultSubject
from vault.objects.port import ObjectStore

SCHEDULE = load(Path(__file__).parents[2] / "config" / "retention.toml")
HERE_NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IN_CARE = Life((Stay(date(2015, 1, 1), None),))
LOCK = timedelta(days=30)


def gone(last_day: date) -> Life:
    """Somebody whose placement ended that day."""
    return Life((Stay(date(2010, 1, 1), last_day),), left_on=last_day)


@dataclass
class Told:
    """Implements ``Lives`` from a dictionary; ``down`` is a register that cannot be asked."""

    people: dict[str, Life] = field(default_factory=dict)
    down: bool = False
    asked: int = 0

    def of(self, people: Collection[str]) -> Mapping[str, Life]:
        if self.down:
            raise RegisterUnavailable("down")
        self.asked += 1
        return {ref: self.people[ref] for ref in people if ref in self.people}


def record(
    filed_at: datetime = HERE_NOW,
    *people: str,
    classes: Collection[str] = ("assessment",),
    store: ObjectStore | None = None,
    lock: timedelta = LOCK,
    **more: object,
) -> VaultRecord:
    """A filed record; with a store also one object, locked from its filing on. Its first guess is long past."""
    ident = new_id(filed_at)
    values = {"digest": ident.ljust(64, "0"), "sender": "o@council.example", "plan": "1" * 64, "received_at": filed_at}
    values |= {"filed_at": filed_at, "classes": list(classes), "retain_until": filed_at} | more
    if more.get("state") == RecordState.DISPOSED:  # a stub names no sender and no mail
        values |= {"digest": "", "sender": "", "plan": ""}
    row = VaultRecord.objects.create(id=ident, **values)
    VaultSubject.objects.bulk_create([VaultSubject(record=row, person=p) for p in people])
    if store is not None:
        put(row, store, filed_at + lock)
    return row


def put(row: VaultRecord, store: ObjectStore, locked_until: datetime, number: int = 0) -> VaultObject:
    """One object of the record, really stored."""
    tags = {"class": "+".join(row.classes), "retain-until": "2000-01-01", "subject": "service", "decision": "RELAY"}
    stored = store.put(
        f"v1/service/{row.filed_at:%Y/%m}/{row.id}/{number}.age",
        b"sealed",
        tags=tags,
        metadata={"record": row.id},
        locked_until=locked_until,
    )
    return VaultObject.objects.create(
        record=row, number=number, kind=ObjectKind.BUNDLE, key=stored.key, version=stored.version,
        sealed_size=stored.size, sealed_sha256=stored.sha256, plain_size=1, locked_until=locked_until,
    )  # fmt: skip
