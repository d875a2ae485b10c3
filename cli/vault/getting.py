"""``sallyport vault get``: open a filed record, with a master key and a reason."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError, command, framed
from domain.errors import ConfigurationError


@command
def get(
    record: Annotated[str, typer.Argument(help="The record's id, as `sallyport vault list` shows it.")],
    identity: Annotated[list[Path], typer.Option("--identity", "-i", help="A master's age key file (repeat).")],
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
    out: Annotated[Path | None, typer.Option(help="A new folder for the files; else named as the record.")] = None,
) -> None:
    """Open a record into a folder: the mail, its parts and the manifest. Who, when and why is recorded first."""
    settings = framed()
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.identities import read_identities
    from vault.restoring import NoSuchRecord, Request, restore

    folder, store = out or Path(record), build_store(settings)
    _check(why, folder)
    request = Request(record=record, actor=f"cli:{getpass.getuser()}", why=why)
    try:
        identities = [i for path in identity for i in read_identities(path)]
        done = restore(request, identities, store, folder, SystemClock().now())
    except (NoSuchRecord, ConfigurationError) as error:  # the record or an identity file, as they were given
        raise InputError(error.private, public=error.public) from error
    for file in done.files:
        print(file)
    if done.unopened:
        numbers = ", ".join(map(str, done.unopened))
        print(f"Not opened, because the keys given do not fit (a person's key may have been destroyed): {numbers}")


def _check(why: str, folder: Path) -> None:
    """Before the audit trail says that a record was opened."""
    if not why.strip():
        raise InputError("no reason", public="A reason is needed: --why goes to the audit trail with your name.")
    if folder.exists():
        raise InputError("out", public=f"The folder {folder} must not be there yet; name another with --out.")
