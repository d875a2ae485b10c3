"""The table of commands."""

from __future__ import annotations

import typer

from cli import check, demo, explain, keys, password, register, relay, setting_up, vault

app = typer.Typer(
    name="sallyport",
    help="A mail gateway and sealed document vault for a Shared Lives service.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("setup")(setting_up.setup)
app.command("migrate")(setting_up.migrate)
app.command("relay")(relay.relay)
app.command("check")(check.check)
app.command("explain")(explain.explain)
app.command("password")(password.password)
app.command("demo")(demo.demo)
app.add_typer(keys.app, name="keys")
app.add_typer(register.app, name="register")
app.add_typer(vault.app, name="vault")


def main() -> None:
    """The console script."""
    app()
