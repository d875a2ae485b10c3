"""``sallyport disposal propose`` and ``list``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cli.account import account
from cli.frame import command, framed
from cli.looking import looked
from config.settings import Settings
from domain.here import HERE

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.disposal.standing import Viewer


def build_viewer(settings: Settings) -> Viewer:
    """Looks up how things stand, by the present schedule and register. Raises ``ConfigurationError``."""
    from cli.jobs.retention import build_retention
    from vault.disposal.standing import Viewer

    return Viewer(build_retention(settings), settings.disposal.key_grace)


def plain_console() -> Console:
    """Whole ids and times."""
    return Console(highlight=False, markup=False, emoji=False, soft_wrap=True)


@command
def propose(
    most: Annotated[int, typer.Option(min=1, help="At most so many records.")] = 500,
    record_class: Annotated[str, typer.Option("--class", help="Only records of this class.")] = "",
) -> None:
    """Make a proposal of what has run out: records, and keys for which nothing is kept. Who proposes cannot approve."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.disposal.proposing import propose as make

    done = make(build_viewer(settings), account(), SystemClock().now(), most, record_class)
    if done.closed:
        print(f"{done.closed} lines of earlier proposals were closed: their records are kept longer.")
    if done.on_hold:
        print(f"{done.on_hold} records have run out and are on hold.")
    if not done.batch:
        print("Nothing to propose.")
        return
    print(f"Proposal {done.batch}: {done.records} records, {done.keys} keys.")
    print(f"Two other people look at it with: sallyport disposal show {done.batch}")


@command
def list_(every: Annotated[bool, typer.Option("--all", help="Also those that are done with.")] = False) -> None:
    """The proposals: when, by whom, and how many lines are open, refused, on their way, or gone."""
    framed()
    from domain.disposal import UNDER_WAY, LineState
    from vault.models import DisposalBatch

    looked("disposals listed")

    console, going, shown = plain_console(), {LineState.OPEN, *UNDER_WAY}, 0
    for row in DisposalBatch.objects.order_by("id").prefetch_related("certificates"):
        states = Counter(row.lines.values_list("state", flat=True))
        if not every and not going & states.keys():
            continue
        shown += 1
        counts = ", ".join(f"{states[s]} {s}" for s in LineState if states[s])
        console.print(f"{row.id}  {row.proposed_at.astimezone(HERE):%Y-%m-%d %H:%M}  {row.proposed_by}  {counts}")
        for certificate in row.certificates.order_by("id"):
            console.print(f"  certificate {certificate.id}")
    if not shown:
        console.print("No proposals." if every else "No proposals under way; --all shows those that are done with.")
