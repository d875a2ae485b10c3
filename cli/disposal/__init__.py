"""``sallyport disposal``: from the proposal to the certificate. Each step has a module."""

from __future__ import annotations

import typer

from cli.disposal import approving, certifying, executing, proposing

_HELP = "Disposal: propose what has run out, approve it by two people, destroy it, prove it."
app = typer.Typer(no_args_is_help=True, help=_HELP)
app.command("propose")(proposing.propose)
app.command("list")(proposing.list_)
app.command("show")(approving.show)
app.command("approve")(approving.approve)
app.command("refuse")(approving.refuse)
app.command("execute")(executing.execute)
app.command("certificate")(certifying.certificate)
app.command("verify")(certifying.verify)


@app.callback()
def _group() -> None:
    """Disposal: propose what has run out, approve it by two people, destroy it, prove it."""
