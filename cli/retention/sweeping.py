"""``sallyport retention sweep``: reckon every record now, extend locks, set tags; as the worker does by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.account import account
from cli.exits import Exit
from cli.frame import command, framed, say_error
from config.settings import Settings

if TYPE_CHECKING:
    from vault.retention.mirroring import Mirrored
    from vault.retention.sweeping import Swept


@command
def sweep(
    dry_run: Annotated[bool, typer.Option(help="Say what would change; write nothing.")] = False,
    resume: Annotated[bool, typer.Option(help="Go on with a pass that was broken off, where it was.")] = False,
) -> None:
    """Reckon how long each record is kept, extend the locks that run out, bring the tags in step. Safe to run again.

    Exit code 4 if the register or the store could not do all of it.
    """
    settings = framed()
    from cli.jobs.retention import build_retention
    from gateway.clock import SystemClock
    from vault.retention import sweeping

    now, retention = SystemClock().now(), build_retention(settings)
    with _progress() as progress:
        batches = (
            sweeping.rehearse(retention) if dry_run else sweeping.sweep(retention, now, account(), anew=not resume)
        )
        seen, moved = _reckoned(batches, progress)
    would = "would move" if dry_run else "moved"
    print(f"{seen} records reckoned; {sum(moved.values())} {would}{_by(moved)}.")
    if dry_run:
        print(f"{_short(now, settings)} locks would be extended.")
        return
    _mirror(settings, now)


def _reckoned(batches: Iterable[Swept], progress: Progress) -> tuple[int, Counter[str]]:
    from vault.models import RecordState, VaultRecord

    task = progress.add_task("records", total=VaultRecord.objects.filter(state=RecordState.FILED).count())
    seen, moved = 0, Counter[str]()
    for found in batches:
        seen += found.seen
        moved += found.moved
        progress.update(task, completed=seen)
    return seen, moved


def _mirror(settings: Settings, now: datetime) -> None:
    from cli.jobs.retention import build_mirror, log_failures
    from vault.models import RetentionState

    mirror = build_mirror(settings, account())
    with _progress() as progress:
        behind = RetentionState.objects.filter(tags_behind=True).count()
        locks = log_failures(_shown(mirror.extend_locks(now), progress, "locks", _short(now, settings)))
        tags = log_failures(_shown(mirror.set_tags(), progress, "tags", behind))
    print(f"{locks[0]} locks extended; the tags of {tags[0]} records brought in step.")
    if failed := locks[1] + tags[1]:
        things = "one thing" if failed == 1 else f"{failed} things"
        say_error(f"The store could not do {things}; the next sweep tries again, and the log names the records.")
        raise typer.Exit(Exit.UNAVAILABLE)


def _shown(chunks: Iterator[Mirrored], progress: Progress, what: str, total: int) -> Iterator[Mirrored]:
    task = progress.add_task(what, total=total)
    for chunk in chunks:
        progress.advance(task, chunk.done + len(chunk.failed))
        yield chunk


def _short(now: datetime, settings: Settings) -> int:
    """Locks that are half gone."""
    from datetime import timedelta

    from vault.retention.mirroring import running_out

    return running_out(now, timedelta(days=settings.vault.lock_days) / 2).count()


def _by(moved: Counter[str]) -> str:
    said = ", ".join(f"{number} by «{event}»" for event, number in moved.most_common())
    return f" ({said})" if said else ""


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
