"""``sallyport sar list|clock``: how requests stand today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from cli.access.edge import acting, told, work_path
from cli.frame import command, framed, say_error
from cli.looking import looked
from cli.office import print_table
from cli.whom import council_id_of
from config.settings import Settings
from domain.access_request import State
from domain.access_words import left, pressing, told_by_clock


@command
def list_(
    every: Annotated[bool, typer.Option("--all", help="Finished ones too.")] = False,
) -> None:
    """Every open request, the most pressing first, with the days that are left."""
    settings = framed()
    from vault.export import cases
    from vault.models import AccessRequest

    looked("access-listed")
    for code in _not_wiped(settings):
        say_error(f"{code} is finished, and its working folder is still there: sallyport sar drop {code}")

    today = acting().today
    found = list(AccessRequest.objects.order_by("received", "pk")) if every else cases.still_open()
    if not found:
        print("No request is open.")
        return
    bank = cases.bank_holidays(today)
    standing = sorted(((cases.standing(c, bank, today), c) for c in found), key=lambda pair: pressing(pair[0]))
    rows: list[tuple[str, ...]] = [
        (c.code, council_id_of(c.person), f"{c.received:%Y-%m-%d}", f"{s.due}" if s.due else "", left(s))
        for s, c in standing
    ]
    late = sum(s.state is State.OVERDUE for s, _ in standing)
    title = f"{len(found)} requests" if len(found) > 1 else "1 request"
    print_table(title + (f"; {late} OVERDUE" if late else ""), ("case", "person", "received", "due", "state"), rows)


@command
def clock(case: Annotated[str, typer.Argument(help="The case: SAR-7.")]) -> None:
    """How one request stands today, in words."""
    framed()
    from vault.export import cases

    looked("access-shown", case=case)

    today = acting().today
    with told():
        found = cases.find(case)
    print(f"{found.code}, about {council_id_of(found.person)}, received on {found.received:%d %B %Y}.")
    for line in told_by_clock(cases.standing(found, cases.bank_holidays(today), today), today):
        print(line)


def _not_wiped(settings: Settings) -> Iterator[str]:
    """Cases whose folder outlived them: it was kept, or something ended the process that was to wipe it."""
    from vault.models import AccessRequest

    for case in AccessRequest.objects.exclude(finished_on=None).order_by("pk"):
        if work_path(settings, case.code).is_dir():
            yield case.code
