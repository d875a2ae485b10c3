"""One mail a kill: claimed, filed, intended and settled by a process that dies at its n-th write, then by another one.

A write is a statement of the database (COMMIT too) or a call of the folder store to the system. Prints what came of it
as JSON. ``python -m tests.support.kill_points FOLDER``, with the database in the environment.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from domain.ports import Filing

_WRITES = {"open", "write", "fsync", "link", "replace", "unlink", "mkdir"}
_REACHED_THE_END = 77


class Countdown:
    """Stands for the module ``os`` in the store, and listens to the database."""

    def __init__(self, left: int) -> None:
        self.left = left

    def tick(self, *_: object) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if name not in _WRITES:
            return found

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.tick()
            return found(*args, **kwargs)

        return counted


def _mail(number: int) -> Filing:
    from tests.support.vaults import filing

    return filing(raw=b"Subject: %d\r\n\r\nx\r\n" % number)


def _serve(folder: Path, number: int, owner: str, now: datetime, countdown: Countdown | None) -> None:
    """The relay's steps around a mail, as far as the vault has a part in them."""
    from django.db import connection

    from domain.outgoing import Fate, Outcome
    from domain.ports import Standing
    from tests.build import CARER
    from tests.support.vaults import House
    from vault.journal import RowJournal
    from vault.objects import files, local

    house, mail = House(folder), _mail(number)
    filer = house.filer()
    journal = RowJournal(lease=timedelta(minutes=10), remember=timedelta(days=14), owner=owner)
    connection.ensure_connection()
    if countdown:
        files.os = local.os = countdown  # type: ignore[assignment,attr-defined]
        connection.connection.set_trace_callback(countdown.tick)
    (claim,) = journal.claim(mail.digest, mail.envelope, now)
    if claim.standing is not Standing.DONE:
        receipt = filer.file(mail, now)
        journal.intend(mail.digest, mail.envelope, receipt, mail.decisions, now)
        journal.settle(mail.digest, mail.envelope, [Outcome(CARER, Fate.DELIVERED)], now)


def _forked(do: Callable[[], None]) -> int:
    """How a child ended that did this: its exit code, or minus its signal."""
    child = os.fork()
    if not child:
        code = 1
        try:
            do()
            code = _REACHED_THE_END
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _report(folder: Path, kills: int, now: datetime) -> None:
    from tests.support.vaults import House
    from vault.models import JournalEntry, VaultRecord
    from vault.reconcile.run import Plan, reconcile

    house = House(folder)
    plan = Plan(house.store, house.escrow_store, "test", whole_bytes=True)
    report = reconcile(plan, now + timedelta(days=2))
    digests = list(VaultRecord.objects.values_list("digest", flat=True))
    undone = JournalEntry.objects.exclude(state="done").count()
    said = {"kills": kills, "mails": len(set(digests)), "records": len(digests), "undone": undone, **report.counts}
    sys.stdout.write(json.dumps(said))
    sys.stdout.flush()


def main() -> None:
    """Until a process came to its end before its countdown did."""
    import django

    django.setup()
    from django.core.management import call_command

    from gateway.clock import SystemClock

    folder, now = Path(sys.argv[1]), SystemClock().now()
    assert _forked(lambda: call_command("migrate", verbosity=0)) == _REACHED_THE_END
    kills, killed = 0, -signal.SIGKILL
    later = now + timedelta(minutes=11)  # a dead one's claim has run out
    while True:
        ended = _forked(partial(_serve, folder, kills, "first", now, Countdown(kills + 1)))
        assert _forked(partial(_serve, folder, kills, "second", later, None)) == _REACHED_THE_END
        if ended != killed:
            break
        kills += 1
    assert ended == _REACHED_THE_END, ended
    assert _forked(partial(_report, folder, kills, later)) == _REACHED_THE_END


if __name__ == "__main__":
    main()
