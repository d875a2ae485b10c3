"""``sallyport leaving``: carers and people who have parted, what has to come back, and what is outstanding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.account import account
from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.office import day, print_table, shown

if TYPE_CHECKING:
    from vault.models import LeavingCase

app = typer.Typer(no_args_is_help=True, help="When a placement ends or a carer leaves: papers back, copies deleted.")
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `sallyport leaving list` shows it.")]


@app.callback()
def _group() -> None:
    """When a placement ends or a carer leaves: papers back, copies deleted."""


@app.command("list")
@command
def list_(everything: Annotated[bool, typer.Option("--all", help="Also what is done.")] = False) -> None:
    """Who has parted from whom, since when, and how far it is."""
    framed()
    from vault.leaving import cases
    from vault.models import LeavingCase

    rows = list(LeavingCase.objects.order_by("ended_on", "pk")) if everything else cases.still_open()
    looked("leavings listed", count=len(rows))
    if not rows:
        print("Nothing is outstanding.")
        return
    ids = _council_ids({row.person for row in rows})
    told: list[tuple[str, ...]] = [
        (f"{r.pk}", r.carer, ids.get(r.person, ""), f"{r.ended_on}: {r.why}", cases.stage(r), _said(r)) for r in rows
    ]
    print_table("Partings", ("number", "carer", "person", "since", "it", "the carer says"), told)


@app.command("send")
@command
def send(
    number: Number,
    keeps: Annotated[str, typer.Option(help="What the carer may keep, and what for.")] = "",
    agreed_by: Annotated[str, typer.Option(help="Who of the Management Team agreed to it.")] = "",
    agreed_on: Annotated[str | None, typer.Option(help="The day on which they agreed.")] = None,
) -> None:
    """Have the worker send the carer the page to sign; once more: the earlier one closes."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.leaving import cases

    if not settings.pickup.recipient:
        public = "No pick-up pages are set up (docs/pickup.md). Settle it on paper, then: sallyport leaving done"
        raise InputError("no pick-up", public=public)
    case, agreed = _one(number), day(agreed_on, "--agreed-on")
    with _sentences():
        cases.ask(case, keeps, agreed_by, agreed, account(), SystemClock().now())
    print("The worker sends it to the carer.")


@app.command("done")
@command
def done(
    number: Number,
    why: Annotated[str, typer.Option(help="Where the carer did not sign: how you made sure.")] = "",
) -> None:
    """The papers are here, and nothing is outstanding."""
    framed()
    from gateway.clock import SystemClock
    from vault.leaving import cases

    with _sentences():
        cases.finish(_one(number), account(), why, SystemClock().now())
    print("Done.")


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be done is a sentence and exit code 5."""
    from vault.leaving.cases import CannotLeave

    try:
        yield
    except CannotLeave as error:
        raise InputError(error.private, public=error.public) from error


def _one(number: int) -> LeavingCase:
    from vault.models import LeavingCase

    found = LeavingCase.objects.filter(pk=number).first()
    if found is None:
        raise InputError("no such case", public=f"There is no parting {number}; see `sallyport leaving list`.")
    return found


def _said(case: LeavingCase) -> str:
    if not case.signed_at:
        return ""
    where = case.signed_record or "not filed yet"
    return f"{case.papers}; {case.copies} (signed {shown(case.signed_at)}, record {where})"


def _council_ids(people: set[str]) -> dict[str, str]:
    from register.models import Person

    return dict(Person.objects.filter(ref__in=people).values_list("ref", "council_id"))
