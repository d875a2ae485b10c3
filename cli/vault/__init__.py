"""``sallyport vault``: sealed records. Each command has a module of its own."""

from __future__ import annotations

import typer

from cli.vault import getting, indexing, listing, reconcile, searches, searching, sweep

app = typer.Typer(no_args_is_help=True, help="Sealed records: list them, open one.")
app.command("list")(listing.list_)
app.command("get")(getting.get)
app.command("reconcile")(reconcile.reconcile)
app.command("sweep")(sweep.sweep)
app.command("search")(searching.search)
app.add_typer(searches.app, name="searches")
app.add_typer(indexing.app, name="index")


@app.callback()
def _group() -> None:
    """Sealed records: list them, open one."""
