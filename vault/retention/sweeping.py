"""The pass over all records: each is reckoned anew, and what differs is written.

In batches by the records' ids, each a transaction of its own with the place that was reached, so a pass that is broken
off goes on there. Two at once do the same work twice and harm nothing. A record whose state is younger than this
pass's ``now`` (somebody marked it meanwhile) is left as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from vault.lasting import Lasting
from vault.models import RecordState, RetentionPass, VaultRecord
from vault.retention.facts import BATCH, KnownLives, read
from vault.retention.reckoning import Retention
from vault.retention.writing import Move, moves, states, write
from vault.rows import reading, writing

EVERY = timedelta(hours=20)
"""How long after the last pass the next begins: once a day, also where each day's begins a little later."""


@dataclass(slots=True)
class Swept:
    """What one batch came to. ``moved`` counts by event; ``sample`` holds moves of a dry run."""

    seen: int = 0
    moved: Counter[str] = field(default_factory=Counter)
    sample: list[Move] = field(default_factory=list)


def sweep(retention: Retention, now: datetime, actor: str, *, anew: bool = False) -> Iterator[Swept]:
    """Go on with the pass under way, or begin one if it is time; a value a batch, until it is done.

    With ``anew`` from the beginning in any case, so that all of it is reckoned with what is known now. Raises
    ``VaultUnavailable`` and ``RegisterUnavailable``; what is done by then is kept.
    """
    with writing(VaultUnavailable, lasting=False):
        after = _begin(now, anew=anew)
    if after is None:
        return
    known, lasting = KnownLives(retention.lives), Lasting(now)
    while ids := _next(after):
        found = _write(retention, ids, known, lasting, actor, after)
        after = ids[-1]
        yield found
    with writing(VaultUnavailable, lasting=False):
        RetentionPass.objects.filter(only=True).update(done_at=now, after="")


def rehearse(retention: Retention) -> Iterator[Swept]:
    """The same over everything, and nothing is written."""
    known, after = KnownLives(retention.lives), ""
    while ids := _next(after):
        with reading(VaultUnavailable):
            reckoned = [(row, kept[0]) for row, kept in retention.verdicts(read(ids), known)]
            yield _told(len(ids), moves(reckoned, states(ids)))
        after = ids[-1]


def _begin(now: datetime, *, anew: bool) -> str | None:
    """Where to go on; None if nothing is to be done yet."""
    row, _ = RetentionPass.objects.get_or_create(only=True)
    under_way = row.begun_at is not None and (row.done_at is None or row.done_at < row.begun_at)
    if under_way and not anew:
        return row.after
    if not anew and row.done_at is not None and now < row.done_at + EVERY:
        return None
    RetentionPass.objects.filter(only=True).update(begun_at=now, after="")
    return ""


def _next(after: str) -> list[str]:
    with reading(VaultUnavailable):
        rows = VaultRecord.objects.filter(id__gt=after, state=RecordState.FILED).order_by("id")
        return list(rows.values_list("id", flat=True)[:BATCH])


def _write(
    retention: Retention, ids: Sequence[str], known: KnownLives, lasting: Lasting, actor: str, after: str
) -> Swept:
    now = lasting.began
    with reading(VaultUnavailable):
        reckoned = [(row, kept[0]) for row, kept in retention.verdicts(read(ids), known)]
    with writing(VaultUnavailable, lasting=False):
        before = states(ids, lock=True)
        older = [(row, kept) for row, kept in reckoned if row.id not in before or before[row.id].reckoned_at <= now]
        found = moves(older, before)
        write(found, now, actor, said_at=lasting.now)
        RetentionPass.objects.filter(only=True, after=after).update(after=ids[-1])
    return _told(len(ids), found)


def _told(seen: int, found: list[Move]) -> Swept:
    return Swept(seen, Counter(str(move.after.event) for move in found), found)
