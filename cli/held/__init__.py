"""``sallyport held``: mails that wait for a reviewer."""

from __future__ import annotations

import typer

from cli.held import looking, ruling

app = typer.Typer(no_args_is_help=True, help="Mails that wait for a reviewer: look, release, return, reject.")
app.command("list")(looking.list_)
app.command("show")(looking.show)
app.command("release")(ruling.release)
app.command("return")(ruling.return_)
app.command("reject")(ruling.reject)
app.command("agree")(ruling.agree)
app.command("disagree")(ruling.disagree)
