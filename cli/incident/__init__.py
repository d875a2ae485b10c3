"""``sallyport incident``: suspected breaches, from the moment we are aware to the register. Each step has a module."""

from __future__ import annotations

import typer

from cli.incident import judging, keeping, looking

_HELP = "Suspected breaches: open one, see how far it went, contain it, judge it, tell who must be told, close it."
app = typer.Typer(no_args_is_help=True, help=_HELP)
app.command("open")(keeping.open_)
app.command("add")(keeping.add)
app.command("write")(keeping.write)
app.command("contain")(keeping.contain)
app.command("stop")(keeping.stop)
app.command("let-go")(keeping.let_go)
app.command("list")(looking.list_)
app.command("show")(looking.show)
app.command("judge")(judging.judge)
app.command("report")(judging.report)
app.command("no-report")(judging.no_report)
app.command("tell")(judging.tell)
app.command("no-tell")(judging.no_tell)
app.command("close")(judging.close)
app.command("reopen")(judging.reopen)


@app.callback()
def _group() -> None:
    """Suspected breaches: open one, see how far it went, contain it, judge it, tell who must be told, close it."""
