"""``sallyport worker``: what the clock starts. Every job is a sweep over rows, so several workers may run at once.

A job that fails is logged and tried again at its next time; it keeps no other job from running.
"""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Annotated

import structlog
import typer

from cli.frame import command, framed
from cli.jobs import JOBS, LOOKING_AROUND, Run
from cli.looking import looked
from config.settings import Settings
from domain.errors import SallyportError

_PAUSE_SECONDS = 5.0
_SOON = timedelta(minutes=3)
_NOTED = timedelta(minutes=1)


@command
def worker(
    once: Annotated[bool, typer.Option(help="One sweep of everything, and the end.")] = False,
) -> None:
    """Tell webhooks of changes, send the week's reminders, forget what is over. Until Ctrl-C or SIGTERM."""
    settings = framed()
    from gateway import logs
    from gateway.clock import SystemClock

    logs.set_up()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    from cli.watching import Waiting, watch

    if not once:
        watch(settings, settings.watch.worker, [Waiting(settings)])
    log, clock, jobs = structlog.get_logger("worker"), SystemClock(), [Job(*job) for job in JOBS]
    if not once:
        jobs += [Job(*job, last=clock.now() - job[1] + _SOON) for job in LOOKING_AROUND]
        looked("worker started", jobs=[job.name for job in jobs])
    log.info("working", once=once, jobs=[job.name for job in jobs])
    while True:
        for job in jobs:
            job.run_if_due(settings, clock.now(), log)
        if once or stop.wait(_PAUSE_SECONDS):
            return


@dataclass
class Job:
    """Something to be done every so often. ``last`` is when it was tried last, ``noted`` what was written of it."""

    name: str
    every: timedelta
    run: Run
    last: datetime | None = None
    noted: tuple[datetime, str] | None = None

    def run_if_due(self, settings: Settings, now: datetime, log: structlog.stdlib.BoundLogger) -> None:
        """Once its time has come."""
        if self.last is not None and now < self.last + self.every:
            return
        self.last, failed, begun = now, "", perf_counter()
        try:
            self.run(settings, now)
        except SallyportError as error:
            failed = type(error).__name__
            log.warning("job failed", job=self.name, error=failed, reason=error.private)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other jobs go on, and this one comes again
            failed = type(error).__name__
            log.warning("job failed", job=self.name, error=failed)
        from cli.watching import job_done

        job_done(self.name, perf_counter() - begun, now, failed=bool(failed))
        self._note(now, failed, log)

    def _note(self, now: datetime, failed: str, log: structlog.stdlib.BoundLogger) -> None:
        """For the page of operations: at once where it turns, else each minute. No job fails by it."""
        from vault.operations import note_job

        if self.noted and self.noted[1] == failed and now - self.noted[0] < _NOTED:
            return
        try:
            note_job(self.name, self.every, now, failed)
            self.noted = now, failed
        except SallyportError as error:
            log.warning("job not noted", job=self.name, reason=error.private)
