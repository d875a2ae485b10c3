"""The table of commands."""

from __future__ import annotations

import sys

import typer

from cli import (
    access,
    accounts,
    audit,
    check,
    classifier,
    demo,
    disposal,
    explain,
    export,
    forms,
    held,
    holds,
    incident,
    keyholder,
    keys,
    leaving,
    password,
    permission,
    pickup,
    policy,
    register,
    relay,
    remind,
    retention,
    reviews,
    setting_up,
    vault,
    web,
    worker,
)
from cli.exits import Exit
from cli.frame import say_error

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
app.command("remind")(remind.remind)
app.command("demo")(demo.demo)
app.command("web")(web.web)
app.command("worker")(worker.worker)
app.command("keyholder")(keyholder.keyholder)
app.add_typer(accounts.app, name="account")
app.add_typer(policy.app, name="policy")
app.add_typer(audit.app, name="audit")
app.add_typer(classifier.app, name="classifier")
app.add_typer(keys.app, name="keys")
app.add_typer(forms.app, name="forms")
app.add_typer(held.app, name="held")
app.add_typer(holds.app, name="hold")
app.add_typer(incident.app, name="incident")
app.add_typer(disposal.app, name="disposal")
app.add_typer(leaving.app, name="leaving")
app.add_typer(permission.app, name="permission")
app.add_typer(pickup.app, name="pickup")
app.add_typer(register.app, name="register")
app.add_typer(retention.app, name="retention")
app.add_typer(reviews.app, name="reviews")
app.add_typer(access.app, name="sar")
app.add_typer(export.app, name="export")
app.add_typer(vault.app, name="vault")
app.add_typer(web.tokens, name="token")


def main() -> None:
    """The console script. A command that is written wrongly gets one sentence, as every other error."""
    try:
        code = app(prog_name="sallyport", standalone_mode=False)
    except typer.TyperException as error:
        _say_how_to_write(error)
        code = Exit.USAGE
    except typer.Abort:  # Ctrl-C or the end of input at a question
        code = Exit.INTERRUPTED
    sys.exit(code)


def _say_how_to_write(error: typer.TyperException) -> None:
    """Nothing where the help has been shown instead: a group without a command."""
    context = getattr(error, "ctx", None)
    words = " ".join(error.format_message().split()).rstrip(".")
    if words:
        say_error(f"{words}; see `{context.command_path if context else 'sallyport'} --help`.")
