"""``sallyport vault reconcile``: whether bucket, rows and index say the same."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.account import account
from cli.exits import Exit
from cli.frame import command, framed
from cli.vault.filed_log import build_filed_log
from domain.errors import VaultUnavailable

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.reconcile.findings import Finding
    from vault.reconcile.run import Plan, Report

_SHOWN = 200
_PHASES = {
    "rows": "files that records name",
    "store": "files in the store",
    "escrow": "people's sealed keys",
    "index": "records in the search's index",
}


@command
def reconcile(
    repair: Annotated[
        bool, typer.Option("--repair", help="Make locks longer, put holds on and set tags, as the rows say.")
    ] = False,
    whole: Annotated[bool, typer.Option("--bytes", help="Read every file and compare its SHA-256 (slow).")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="From the beginning, also where an earlier run broke off.")
    ] = False,
) -> None:
    """Compare store, rows and index, both ways. Goes on where it was broken off; exit code 6 if they differ."""
    settings = framed()
    from gateway.bootstrap import build_escrow, build_store
    from gateway.clock import SystemClock
    from vault.reconcile.run import Plan, waiting

    now = SystemClock().now()
    plan = Plan(
        store=build_store(settings),
        escrow=build_escrow(settings),
        actor=account(),
        repair=repair,
        whole_bytes=whole,
        fresh=fresh,
        log=build_filed_log(settings, now),
    )
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not fresh and (earlier := waiting(plan)):
        console.print(f"Going on with the comparison begun on {earlier.begun_at:%Y-%m-%d %H:%M} (UTC).")
    report = _with_progress(plan, now)
    _show(report, console)
    if not report.agrees:
        raise typer.Exit(Exit.CHECK_FAILED)


def _with_progress(plan: Plan, now: datetime) -> Report:
    """How many of what, while it lasts; on standard error, so that the report can be kept."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from vault.reconcile.run import reconcile as compare

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {name: bar.add_task(words, total=None, visible=False) for name, words in _PHASES.items()}

        def told(phase: str, looked: int, _: tuple[Finding, ...]) -> None:
            bar.update(tasks[phase], advance=looked, visible=True)

        try:
            return compare(plan, now, told)
        except VaultUnavailable as error:
            public = "The store or the database does not answer; run this again, and it goes on where it was."
            raise VaultUnavailable(error.private, public=public) from error


def _show(report: Report, console: Console) -> None:
    """Each finding, then what they mean and how many there are of each."""
    from vault.reconcile.findings import Kind, Weight

    for finding in report.findings[:_SHOWN]:
        console.print(str(finding))
    more = sum(n for name, n in report.counts.items() if name in {*Kind, "repaired"}) - len(report.findings[:_SHOWN])
    if more > 0:
        console.print(f"... and {more} more")
    titles = {Weight.GRAVE: "Needs a person", Weight.BEHIND: "Put right by --repair", Weight.NOTICE: "Harmless"}
    for weight, title in titles.items():
        for kind, count in report.of(weight).items():
            console.print(f"{title}: {count} x {kind}: {kind.means}.")
    if report.repaired:
        console.print(f"Repaired: {report.repaired}.")
    agrees = "Store, rows and index agree" if report.agrees else "Store, rows and index do NOT agree"
    console.print(f"{agrees}. Files, keys and records looked at: {report.looked}.")
