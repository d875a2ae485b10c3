"""``sallyport vault``: sealed records. Each command has a module of its own."""

from __future__ import annotations

import typer

from cli.vault import getting, listing, reconcile, sweep

app = typer.Typer(no_args_is_help=True, help="Sealed records: list them, open one.")
app.command("list")(listing.list_)
app.command("get")(getting.get)
app.command("reconcile")(reconcile.reconcile)
app.command("sweep")(sweep.sweep)


@app.callback()
def _group() -> None:
    """Sealed records: list them, open one."""
