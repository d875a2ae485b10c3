"""``sallyport audit verify``: whether anybody has changed the audit trail since it was signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.exits import Exit
from cli.frame import InputError, command, framed
from config.settings import Settings

if TYPE_CHECKING:  # nothing of Django's before the settings are read
    from vault.merkle.findings import Report
    from vault.merkle.verifying import Verification


@command
def verify(
    since: Annotated[
        str | None, typer.Option(help="Only what came on or after this day (2026-11-23); quicker.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All from the first event on (the default).")] = False,
    from_store: Annotated[
        bool, typer.Option("--from-store/--from-table", help="Checkpoints as they lie, locked, in the object store.")
    ] = True,
) -> None:
    """Prove the audit trail against its signed checkpoints; name the first event that is wrong. Changes nothing."""
    if since and everything:
        raise InputError("both", public="--all and --since cannot be used together.")
    settings = framed()
    report = run(settings, _day(since), from_store=from_store, quiet=False)
    _say(report, from_store=from_store, since=since)
    if not report.good:
        raise typer.Exit(Exit.CHECK_FAILED)


def run(settings: Settings, after: datetime | None, *, from_store: bool, quiet: bool) -> Report:
    """The verification that the settings call for."""
    from gateway.clock import SystemClock

    verification = _verification(settings, after, SystemClock().now(), from_store=from_store)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        events, heads = bar.add_task("events", total=None), bar.add_task("checkpoints", total=None)

        def on_events(done: int, total: int) -> None:
            bar.update(events, completed=done, total=total)

        def on_heads(done: int, total: int) -> None:
            bar.update(heads, completed=done, total=total)

        return verification.run(on_events, on_heads)


def _verification(settings: Settings, after: datetime | None, now: datetime, *, from_store: bool) -> Verification:
    from cli.audit import built
    from gateway.bootstrap import build_store
    from vault.merkle.heads import Trust
    from vault.merkle.verifying import Verification

    grace = timedelta(hours=settings.audit.witness_hours)
    trust = Trust(built.origin(settings), built.log_keys(settings), built.witnesses(settings), grace)
    store = build_store(settings) if from_store else None
    return Verification(trust, store, now, settings.audit.late, after)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InputError("day", public=f"'{text}' is not a day; write it as 2026-11-23.") from None


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _say(report: Report, *, from_store: bool, since: str | None) -> None:
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    where = "in the object store" if from_store else "in the database's own table (which proves less than the store's)"
    events, heads = _count(report.events, "event"), _count(report.checkpoints, "checkpoint")
    console.print(f"Looked at {events}{f' since {since}' if since else ''} and at {heads} {where}.")
    if report.others:
        console.print(f"{report.others} checkpoints there are of other logs, and were left out.")
    for name, size in sorted(report.witnessed.items()):
        console.print(f"The witness {name} has countersigned the first {size} events.")
    first = report.first()
    if first is None:
        good = "Good: every event is what was signed, stands where it was signed, and none is missing."
        nothing = "Nothing is wrong, but nothing is signed yet, so nothing is proven."
        console.print(good if report.checkpoints else nothing)
        return
    console.print(f"WRONG ({first.kind}): {first.says}", style="bold")
    for finding in report.findings:
        if finding is not first:
            console.print(f"  also ({finding.kind}): {finding.says}")
    if report.more:
        console.print(f"  and {report.more} more.")
    console.print(_what_to_do(report))


def _what_to_do(report: Report) -> str:
    from vault.merkle.findings import Tampering

    if not report.more and all(f.kind is Tampering.NOT_LOGGED for f in report.findings):
        return "Start `sallyport worker` (or run it with --once), and look again: events wait for it to be logged."
    return "Change nothing, keep the database as it is, and read docs/audit.md, 'When verify finds something'."
