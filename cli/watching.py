"""What each program serves on its port for watching (docs/watching.md), and the numbers that lie in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import SallyportError
from gateway.clock import SystemClock
from vault.operations import is_late, jobs, not_ready, parts, queue
from watch.metrics import JOB_FAILURES, JOB_SUCCESS, JOBS
from watch.serving import serve

if TYPE_CHECKING:
    from config.settings import Settings


def watch(settings: Settings, port: int | None, collectors: Iterable[Collector] = ()) -> None:
    """Serve there, if a port is set. Ready is whose database answers."""
    if port is not None:
        serve(settings.watch.host, port, not_ready, collectors)


def job_done(name: str, seconds: float, at: datetime, *, failed: bool) -> None:
    """One of the worker's jobs."""
    JOBS.labels(name).observe(seconds)
    if failed:
        JOB_FAILURES.labels(name).inc()
    else:
        JOB_SUCCESS.labels(name).set(at.timestamp())


class Waiting(Collector):
    """What waits, as the database has it at the moment of each look: the numbers of the page of operations."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def describe(self) -> list[Metric]:
        """No look at the database is needed to register it."""
        return []

    def collect(self) -> Iterator[Metric]:
        """If the database does not answer, ``sallyport_database_up`` 0 is all there is."""
        try:
            found = [*self._queue(), *_worker(), *self._log()]
        except SallyportError:
            found = []
        yield _gauge("database_up", "Whether the database answers.", float(bool(found)))
        yield from found

    def _queue(self) -> Iterator[Metric]:
        now = SystemClock().now()
        q = queue(now)
        yield _gauge("held_mails", "Mails that wait for a reviewer.", q.held)
        yield _gauge("held_oldest_seconds", "How long the oldest of them has waited.", _age(q.held_since, now))
        yield _gauge("rulings_waiting", "Reviewers' rulings that are not carried out yet.", q.ordered)
        yield _gauge("pickups_waiting", "Mails that wait to be picked up.", q.pickups)
        yield _gauge("copies_stuck", "Copies that a relay began, and nobody is at.", q.stuck)
        if q.received_at:
            yield _gauge("last_filed_timestamp_seconds", "When a mail was last filed.", q.received_at.timestamp())

    def _log(self) -> Iterator[Metric]:
        from cli.beside import Beside

        signed = Beside().signed()
        yield _gauge("audit_events", "Events that have a place in the audit log.", signed.events if signed else 0)
        yield _gauge("audit_signed_events", "Events under its last checkpoint.", signed.size if signed else 0)
        yield _gauge("audit_checkpoint_holds", "Whether that is the log's root, and its key's signature.",
                     float(bool(signed and signed.holds)))  # fmt: skip


def _worker() -> Iterator[Metric]:
    now = SystemClock().now()
    late = GaugeMetricFamily("sallyport_job_late", "Whether a job should have been done again.", labels=["job"])
    for job in jobs():
        late.add_metric([job.name], float(is_late(job, now)))
    yield late
    good = GaugeMetricFamily("sallyport_part_good", "Outside parts, as they were found last.", labels=["part"])
    for part in parts():
        good.add_metric([part.what], float(part.good))
    yield good


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sallyport_{name}", what, value=value)


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
