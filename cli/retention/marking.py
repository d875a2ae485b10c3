"""``sallyport retention close`` and ``mark``: what people say of a record, each with a reason, none of it for good."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.account import account
from cli.frame import InputError, command, framed
from cli.office import day
from domain.retention import day_of
from domain.retention_reckoning import Kept
from domain.retention_words import headline

if TYPE_CHECKING:
    from vault.retention.marking import Saying

Records = Annotated[list[str], typer.Argument(help="Ids of records, as `sallyport vault list` shows them.")]
Why = Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")]


@command
def close(
    records: Records,
    why: Why,
    on: Annotated[str | None, typer.Option(help="The day on which the case was closed; else today.")] = None,
    record_class: Annotated[str, typer.Option("--class", help="Of this class only.")] = "",
    reopen: Annotated[bool, typer.Option(help="It is open again, or was never closed.")] = False,
) -> None:
    """Say that the case of an incident, a complaint or a carer's file is closed: its years count from that day.

    A wrong day is put right by saying the right one.
    """
    settings = framed()
    from cli.jobs.retention import build_retention
    from vault.retention import marking

    if reopen and on:
        raise InputError("both", public="A case is either closed on a day or open again: --on or --reopen, not both.")
    with _saying(why) as saying:
        closed_on = None if reopen else day(on, "--on") or day_of(saying.now)
        _print(marking.close(build_retention(settings), records, closed_on, saying, record_class), saying)


@command
def mark(
    records: Records,
    why: Why,
    record_class: Annotated[str, typer.Option("--class", help="A class of the schedule.")],
    variant: Annotated[str, typer.Option("--as", help="What it is of that class: deed, high-priority ...")] = "",
    take_back: Annotated[bool, typer.Option(help="It is not of that class after all.")] = False,
) -> None:
    """Say that a record is a deed, of a priority, or of a further class. Without --as it is plainly of its class."""
    settings = framed()
    from cli.jobs.retention import build_retention
    from vault.retention import marking

    if take_back and variant:
        raise InputError("both", public="A class is taken back, or is of a kind: --take-back or --as, not both.")
    with _saying(why) as saying:
        retention = build_retention(settings)
        if take_back:
            found = marking.unmark(retention, records, record_class, saying)
        else:
            found = marking.mark(retention, records, record_class, variant, saying)
        _print(found, saying)


@contextmanager
def _saying(why: str) -> Iterator[Saying]:
    """In the user's name, now; what cannot be said is a sentence and exit code 5."""
    from gateway.clock import SystemClock
    from vault.retention.marking import CannotBeMarked, Saying

    try:
        yield Saying(account(), why, SystemClock().now())
    except CannotBeMarked as error:
        raise InputError(error.private, public=error.public) from error


def _print(found: Mapping[str, Kept], saying: Saying) -> None:
    for record, kept in found.items():
        print(f"{record}: {headline(kept, day_of(saying.now))}")
