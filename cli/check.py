"""``sallyport check``: the configuration and every outside part, each with one clear line."""

from __future__ import annotations

import typer
from rich.console import Console

from cli.exits import Exit
from cli.frame import command, framed
from cli.looks import house, mail, vault
from cli.looks.line import safely


@command
def check() -> None:
    """Look at the configuration and at every part outside: database, vault, keys, readers, next hops."""
    settings = framed()
    console = Console(highlight=False)
    good = True
    for look in LOOKS:
        for line in safely(look, settings):
            good &= line.good
            mark = "[green]ok  [/]" if line.good else "[bold red]FAIL[/]"
            console.print(f"{mark} [bold]{line.what}[/]: ", end="")
            console.print(line.says, markup=False)
    if not good:
        raise typer.Exit(Exit.CHECK_FAILED)


LOOKS = (
    *(house.configuration, house.database),
    *(vault.vault, vault.escrow, vault.vault_keys, vault.recovery_drill, vault.audit_log, vault.search_index),
    *(mail.held_mails, mail.pick_up),
    *(vault.housekeeping, vault.holds_and_disposal),
    *(
        mail.signing_keys,
        mail.keys_that_end,
        mail.readers,
        mail.next_hops,
        mail.partners,
        mail.urgent_releases,
        mail.webhooks,
    ),
)
