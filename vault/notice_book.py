"""How many notices a sender had of late. Beyond that their mails are told of together: no storm reaches a mailbox.

A program that sends a thousand mails which are all held must not bury the one notice that a person needs. One row for
each (mail, sender), so that a retry takes no second turn; what waits is told by the worker (``cli/jobs/notices.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.errors import JournalUnavailable
from domain.model import Address
from domain.outgoing import Untold
from vault.models import SenderNotice
from vault.rows import reading, writing

_HOUR = timedelta(hours=1)


class Waiting(NamedTuple):
    """One mail that its sender is still to be told of."""

    row: int
    at: datetime
    untold: tuple[Untold, ...]


class RowNoticeBook:
    """Implements ``NoticeBook``: ``most`` notices an hour at once for each sender."""

    def __init__(self, most: int) -> None:
        self._most = most

    def turn(self, digest: str, sender: Address, untold: Sequence[Untold], now: datetime) -> bool:
        """See the port. Once something waits, all that follows waits with it."""
        mine = SenderNotice.objects.filter(sender=sender.key)
        with writing(JournalUnavailable):
            before = mine.filter(digest=digest).first()
            if before is not None:
                return not before.waiting
            recent = mine.filter(at__gt=now - _HOUR).exclude(told_at=None).count()
            at_once = recent < self._most and not mine.filter(told_at=None).exists()
            SenderNotice.objects.create(
                digest=digest,
                sender=sender.key,
                at=now,
                waiting=[] if at_once else [list(u) for u in untold],
                told_at=now if at_once else None,
            )
        return at_once


def due(now: datetime, gathered: timedelta) -> list[tuple[Address, list[Waiting]]]:
    """Of senders whose oldest mail waits for ``gathered`` or longer: all that wait. Raises ``JournalUnavailable``."""
    with reading(JournalUnavailable):
        rows = list(SenderNotice.objects.filter(told_at=None).order_by("sender", "at", "pk"))
    by_sender: dict[str, list[Waiting]] = {}
    for row in rows:
        waiting = Waiting(row.pk, row.at, tuple(Untold(*u) for u in row.waiting))
        by_sender.setdefault(row.sender, []).append(waiting)
    return [(Address.of(s), w) for s, w in by_sender.items() if w[0].at <= now - gathered]


def told(waiting: Sequence[Waiting], now: datetime) -> None:
    """Their sender has them. Raises ``JournalUnavailable``."""
    with writing(JournalUnavailable):
        SenderNotice.objects.filter(pk__in=[w.row for w in waiting]).update(told_at=now, waiting=[])


def forget(before: datetime) -> int:
    """Drop what was told earlier; how many rows. Raises ``JournalUnavailable``."""
    with writing(JournalUnavailable):
        return SenderNotice.objects.filter(told_at__lt=before).delete()[0]
