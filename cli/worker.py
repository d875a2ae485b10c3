"""``sallyport worker``: what the clock starts. Every job is a sweep over rows, so several workers may run at once.

A job that fails is logged and tried again at its next time; it keeps no other job from running.
"""

from __future__ import annotations

import secrets
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import structlog
import typer

from cli.frame import command, framed
from config.settings import Settings
from domain.errors import SallyportError
from domain.here import HERE

_PAUSE_SECONDS = 5.0
_FIRST_HOUR, _LAST_HOUR, _SATURDAY = 7, 18, 5
Run = Callable[[Settings, datetime], None]


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
    log, clock, jobs = structlog.get_logger("worker"), SystemClock(), [Job(*job) for job in JOBS]
    log.info("working", once=once, jobs=[job.name for job in jobs])
    while True:
        for job in jobs:
            job.run_if_due(settings, clock.now(), log)
        if once or stop.wait(_PAUSE_SECONDS):
            return


@dataclass
class Job:
    """Something to be done every so often. ``last`` is when it was tried last."""

    name: str
    every: timedelta
    run: Run
    last: datetime | None = None

    def run_if_due(self, settings: Settings, now: datetime, log: structlog.stdlib.BoundLogger) -> None:
        """Once its time has come."""
        if self.last is not None and now < self.last + self.every:
            return
        self.last = now
        try:
            self.run(settings, now)
        except SallyportError as error:
            log.warning("job failed", job=self.name, error=type(error).__name__, reason=error.private)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other jobs go on, and this one comes again
            log.warning("job failed", job=self.name, error=type(error).__name__)


def tell_webhooks(settings: Settings, now: datetime) -> None:
    """What the register's feed has that they were not told."""
    from web.api.hooks.sending import HttpPost
    from web.api.hooks.sweeping import sweep

    authorities = settings.web.webhook_ca_file
    sweep(HttpPost(settings.at_home(authorities) if authorities else None, settings.web.webhook_networks), now)


def forget(settings: Settings, now: datetime) -> None:
    """Answers kept for repeated requests, and what the journal remembers of mails long served."""
    from vault.journal import RowJournal
    from web.api import changing

    changing.forget(now)
    owner = f"worker:{socket.gethostname()[:30]}:{secrets.token_hex(8)}"
    RowJournal(lease=settings.journal.lease, remember=settings.journal.remember, owner=owner).forget(now)


def remind_in_office_hours(settings: Settings, now: datetime) -> None:
    """The weekly digest, when somebody is there to read it."""
    from cli.remind import send_due

    here = now.astimezone(HERE)
    if here.weekday() < _SATURDAY and _FIRST_HOUR <= here.hour < _LAST_HOUR:
        send_due(settings, now)


JOBS: tuple[tuple[str, timedelta, Run], ...] = (
    ("webhooks", timedelta(seconds=_PAUSE_SECONDS), tell_webhooks),
    ("forgetting", timedelta(hours=1), forget),
    ("reminders", timedelta(hours=1), remind_in_office_hours),
)
