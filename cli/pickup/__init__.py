"""``sallyport pickup``: the pages for those without keys, and what the office does about waiting mail."""

from __future__ import annotations

import typer

from cli.pickup import codes, grants, role, serving

app = typer.Typer(
    invoke_without_command=True,
    help="Serve the pages where mail is picked up; with a command, look after what waits there.",
)


@app.callback()
def main(context: typer.Context) -> None:
    """Mail that waits for those without a key; without a command: `serve`."""
    if context.invoked_subcommand is None:
        serving.serve()


app.command("serve")(serving.serve)
app.command("list")(grants.list_)
app.command("show")(grants.show)
app.command("revoke")(grants.revoke)
app.command("resend")(grants.resend)
app.command("code")(codes.code)
app.command("contact")(codes.contact)
app.command("role")(role.role)
