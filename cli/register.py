"""``sallyport register import FILE.csv``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.account import account
from cli.exits import Exit
from cli.frame import InputError, command, framed, say_error
from cli.looking import looked
from config.settings import Settings
from domain.errors import ConfigurationError

app = typer.Typer(no_args_is_help=True, help="People, carers, placements and permissions.")


@app.callback()
def _group() -> None:
    """People, carers, placements and permissions."""


@app.command("import")
@command
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file; docs/register-csv.md describes the columns.")],
    dry_run: Annotated[bool, typer.Option(help="Say what would change, and change nothing.")] = False,
) -> None:
    """Bring people, carers, placements and permissions in from a CSV file: all of it, or nothing."""
    settings = framed()
    from register.acting import acting
    from register.importing.storing import import_file

    if not file.is_file():
        raise InputError("no such file", public=f"The file {file} cannot be read.")
    try:
        with acting(account(), "register import"):
            report = import_file(file, council_id=_pattern(settings), dry_run=dry_run)
    except ConfigurationError as error:  # not a register file at all
        raise InputError(error.private, public=error.public) from error
    if report.unrecognised:
        _warn(report.unrecognised, settings.sandbox.council_id)
    for line, problem in report.problems:
        say_error(f"line {line}: {problem}.")
    if report.problems:
        say_error("nothing was stored; put right what is said above and import the file again.")
        raise typer.Exit(Exit.INPUT)
    _print(report, dry_run=dry_run)
    if not dry_run:
        looked("register imported")
        make_people_keys(settings)


def _pattern(settings: Settings) -> re.Pattern[str]:
    return re.compile(settings.sandbox.council_id, re.IGNORECASE)


def _warn(count: int, pattern: str) -> None:
    """The file is good all the same: the case system's ids are what they are, and the setting is what to change."""
    ids = "1 council ID does" if count == 1 else f"{count} council IDs do"
    say_error(
        f"note: {ids} not fit the setting sandbox.council_id = '{pattern}', so mails that name people by it alone are "
        r"not recognised. Set council_id under [sandbox] to a regular expression that fits yours: '\bSL-\d{5}\b' is "
        "SL- and five digits."
    )


def make_people_keys(settings: Settings) -> int:
    """A sealing key for every person who has none; how many there are now. Here, so that the relay never makes one."""
    from gateway.bootstrap import build_sealing_keys
    from gateway.clock import SystemClock
    from register.models import Person

    people = list(Person.objects.values_list("ref", flat=True))
    return len(build_sealing_keys(settings).public_halves(people, SystemClock().now()))


def _print(report: object, *, dry_run: bool) -> None:
    created, updated, same = (getattr(report, n) for n in ("created", "updated", "unchanged"))
    table = Table(
        "rows", "new", "changed", "as before", title="Would change" if dry_run else "Stored", title_justify="left"
    )
    for kind in sorted(set(created) | set(updated) | set(same)):
        table.add_row(kind, str(created[kind]), str(updated[kind]), str(same[kind]))
    Console().print(table)
