"""``sallyport permission ground``: somebody may know on another ground than permission; it ends early."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from cli.frame import InputError, command, framed
from cli.lines import May, kinds
from cli.office import day, in_the_office
from config import policy
from domain.decision import Basis
from domain.here import HERE
from domain.permission import OTHER_BASES
from domain.tags import Concern

app = typer.Typer(no_args_is_help=True, help="Other grounds for sharing: safeguarding, vital interests, a legal duty.")


@app.callback()
def _group() -> None:
    """Other grounds for sharing: safeguarding, vital interests, a legal duty."""


@app.command("add")
@command
def add(
    council_id: Annotated[str, typer.Argument(help="The person's council ID.")],
    basis: Annotated[str, typer.Option(help=f"One of: {'; '.join(OTHER_BASES)}.")],
    who: Annotated[list[str], typer.Option("--for", help="A party's or an organisation's id, or an address; repeat.")],
    may: May,
    until: Annotated[str, typer.Option(help="The last day on which they may be told.")],
    why: Annotated[str, typer.Option(help="Why they must know; it is kept with the decision.")],
    decided_by: Annotated[str, typer.Option(help="Who decided: name and post.")],
    ident: Annotated[str, typer.Option("--id", help="The decision's id, in the council's own way.")],
    concern: Annotated[str | None, typer.Option(help=f"For safeguarding, one of: {', '.join(Concern)}.")] = None,
) -> None:
    """Record that somebody may know without permission, from now until a day. The same again changes nothing."""
    settings = framed()
    from gateway.clock import SystemClock
    from register import recording

    last = day(until, "--until")
    if last is None:
        raise InputError("until", public="--until is a day, written as 2026-02-28.")
    new = recording.NewBasis(
        ident, council_id, _basis(basis), why, tuple(who), kinds(may), decided_by,
        datetime.combine(last + timedelta(days=1), time.min, HERE), concern=_concern(concern),
    )  # fmt: skip
    with in_the_office(why):
        row = recording.record_basis(new, SystemClock().now(), policy.load(settings.policy_file).reviews)
    print(f"Recorded: {row.code}, until {last:%d %B %Y}. It is to be looked at by {row.review_due:%d %B %Y}.")


@app.command("end")
@command
def end(
    code: Annotated[str, typer.Argument(help="The decision's id.")],
    why: Annotated[str, typer.Option(help="Why; kept in the history with your name (100 characters).")],
) -> None:
    """It counts no longer, from now."""
    framed()
    from gateway.clock import SystemClock
    from register import recording

    with in_the_office(why):
        recording.end_basis(code, SystemClock().now())
    print(f"Ended: {code}. The next mail is decided without it.")


def _basis(text: str) -> Basis:
    if text not in set(OTHER_BASES):
        raise InputError("basis", public=f"--basis must be one of: {'; '.join(OTHER_BASES)}.")
    return Basis(text)


def _concern(text: str | None) -> Concern | None:
    if text is not None and text not in set(Concern):
        raise InputError("concern", public=f"--concern must be one of: {', '.join(Concern)}.")
    return None if text is None else Concern(text)
