"""The worker's notes of itself, and what waits: for whoever looks after the service. Raises ``VaultUnavailable``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import Error as DatabaseProblem
from django.db import connection

from domain.errors import VaultUnavailable
from vault.models import (
    HeldMail,
    HeldState,
    JournalEntry,
    JournalState,
    PickupGrant,
    SeenPart,
    Settlement,
    SettlementState,
    VaultRecord,
    WorkerJob,
)
from vault.rows import reading, writing

_LONGEST = 200
LATE, PATIENCE = 3, timedelta(minutes=5)
"""A job is late after three of its own times and some minutes: another one may take long."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits. ``stuck`` are copies that a relay began and nobody is at any more: they are tried again."""

    received_at: datetime | None
    held: int
    held_since: datetime | None
    ordered: int
    pickups: int
    stuck: int


def not_ready() -> str:
    """What keeps a program from its work, for whoever watches it; empty where the database answers.

    For a thread that asks this and nothing else: its connection is closed again.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseProblem:
        return "the database does not answer"
    finally:
        connection.close()
    return ""


def note_job(name: str, every: timedelta, at: datetime, failed: str = "") -> None:
    """A job was done, or failed with that kind of error."""
    with writing(VaultUnavailable, lasting=False):
        said = {"every_seconds": int(every.total_seconds()), "at": at, "good": not failed, "says": failed[:_LONGEST]}
        WorkerJob.objects.update_or_create(name=name, defaults=said)


def note_parts(lines: Sequence[tuple[str, bool, str]], at: datetime) -> None:
    """All parts as they were found, in the place of those before."""
    with writing(VaultUnavailable, lasting=False):
        SeenPart.objects.all().delete()
        SeenPart.objects.bulk_create(
            SeenPart(number=n, what=what, good=good, says=says, at=at) for n, (what, good, says) in enumerate(lines)
        )


def jobs() -> list[WorkerJob]:
    """By name."""
    with reading(VaultUnavailable):
        return list(WorkerJob.objects.order_by("name"))


def parts() -> list[SeenPart]:
    """In their order."""
    with reading(VaultUnavailable):
        return list(SeenPart.objects.order_by("number"))


def is_late(job: WorkerJob, now: datetime) -> bool:
    """Whether it should have been done again."""
    return now - job.at > timedelta(seconds=job.every_seconds) * LATE + PATIENCE


def queue(now: datetime) -> Queue:
    """As it is now."""
    with reading(VaultUnavailable):
        held = HeldMail.objects.filter(state=HeldState.HELD)
        under_way = JournalEntry.objects.filter(changed_at__gt=now - timedelta(days=7), lease_until__lt=now)
        return Queue(
            received_at=VaultRecord.objects.order_by("-id").values_list("filed_at", flat=True).first(),
            held=held.count(),
            held_since=held.order_by("held_at").values_list("held_at", flat=True).first(),
            ordered=Settlement.objects.filter(state=SettlementState.ORDERED).count(),
            pickups=PickupGrant.objects.filter(ended="", until__gt=now).count(),
            stuck=under_way.filter(state__in=[JournalState.CLAIMED, JournalState.INTENDED]).exclude(owner="").count(),
        )
