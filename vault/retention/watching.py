"""Does housekeeping keep up? Asked by ``sallyport check``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.errors import VaultUnavailable
from vault.models import RecordState, RetentionPass, VaultRecord
from vault.retention.mirroring import running_out
from vault.rows import reading

LATE = timedelta(days=3)


def watch(now: datetime, lock: timedelta) -> Iterator[tuple[bool, str]]:
    """Whether it is well, and a sentence: on the daily pass, and on locks that should have been extended."""
    with reading(VaultUnavailable):
        done = RetentionPass.objects.values_list("done_at", flat=True).first()
        filed = VaultRecord.objects.filter(state=RecordState.FILED)
        waiting = filed.filter(filed_at__lt=now - LATE).exists()
        short = running_out(now, lock / 4).count()
    late = waiting and (done is None or done < now - LATE)
    last = f"records were reckoned last on {done:%d %B %Y}" if done else "no record has been reckoned yet"
    yield not late, f"{last}; run: sallyport worker" if late else last
    within = _days(lock / 4)
    if short:
        copies = "1 lock runs" if short == 1 else f"{short} locks run"
        yield False, f"{copies} out within {within} and should have been extended; run: sallyport retention sweep"
    else:
        yield True, f"no lock runs out within {within} that should be longer"


def _days(time: timedelta) -> str:
    return f"{time.days} days" if time.days > 1 else f"{time // timedelta(hours=1)} hours"
