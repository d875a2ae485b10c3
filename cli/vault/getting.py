"""``sallyport vault get``: open a filed record, with a master key and a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError, command, framed
from cli.keys.masters import Identities, actor, read_all, reason


@command
def get(
    record: Annotated[str, typer.Argument(help="The record's id, as `sallyport vault list` shows it.")],
    identity: Identities,
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
    out: Annotated[Path | None, typer.Option(help="A new folder for the files; else named as the record.")] = None,
) -> None:
    """Open a record into a folder: the mail, its parts and the manifest. Who, when and why is recorded first."""
    settings = framed()
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.restoring import NoSuchRecord, Request, restore

    folder, store = out or Path(record), build_store(settings)
    _check(folder)
    request = Request(record=record, actor=actor(), why=reason(why))
    try:
        done = restore(request, read_all(identity), store, folder, SystemClock().now())
    except NoSuchRecord as error:
        raise InputError(error.private, public=error.public) from error
    for file in done.files:
        print(file)
    if done.unopened:
        numbers = ", ".join(map(str, done.unopened))
        print(f"Not opened, because the keys given do not fit (a person's key may have been destroyed): {numbers}")


def _check(folder: Path) -> None:
    """Before the audit trail says that a record was opened."""
    if folder.exists():
        raise InputError("out", public=f"The folder {folder} must not be there yet; name another with --out.")
