"""``sallyport vault sweep``: what a crash left in the store."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from cli.account import account
from cli.frame import InputError, command, framed
from cli.vault.filed_log import build_filed_log
from domain.errors import VaultUnavailable


@command
def sweep(
    delete: Annotated[bool, typer.Option("--delete", help="Remove what may go; without it, only look.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Whole mails too, where the audit log proves nothing.")
    ] = False,
    why: Annotated[str, typer.Option(help="The reason, for --whole; it goes to the audit trail with your name.")] = "",
    older_than: Annotated[int, typer.Option(min=2, help="Days; younger files are kept.")] = 7,
) -> None:
    """Find files that no record names, say why they are there, and remove those that may go."""
    settings = framed()
    if whole and not why.strip():
        raise InputError("no reason", public="--whole needs --why: a whole mail may be the only copy of a record.")
    from gateway.bootstrap import build_store
    from gateway.clock import SystemClock
    from vault.reconcile.sweep import Broom

    now = SystemClock().now()
    broom = Broom(
        build_store(settings),
        account(),
        **({"why": why.strip()} if why.strip() else {}),
        delete=delete,
        whole=whole,
        margin=timedelta(days=older_than),
        log=build_filed_log(settings, now),
    )
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    fates: Counter[str] = Counter()
    try:
        for swept in broom.sweep(now):
            file, made = swept.orphan.version, swept.orphan.made
            console.print(f"{file.key}  {made:%Y-%m-%d %H:%M}  {file.size} octets: {swept.fate}")
            fates[swept.fate] += 1
    except VaultUnavailable as error:
        public = "The store or the database does not answer; what was removed is removed, run this again for the rest."
        raise VaultUnavailable(error.private, public=public) from error
    for fate, count in sorted(fates.items()):
        console.print(f"{count} {'file' if count == 1 else 'files'} {fate}.")
    if not fates:
        console.print("Every file in the store belongs to a record.")
