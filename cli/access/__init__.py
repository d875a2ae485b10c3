"""``sallyport sar``: subject access requests, from the day they come to the sealed bundle. Each step has a module."""

from __future__ import annotations

import typer

from cli.access import collecting, finishing, opening, reviewing, watching

_HELP = "Subject access requests: open one, watch its clock, collect, review, finish."
app = typer.Typer(no_args_is_help=True, help=_HELP)
app.command("open")(opening.open_)
app.command("ask")(opening.ask)
app.command("answer")(opening.answer)
app.command("extend")(opening.extend)
app.command("close")(opening.close)
app.command("list")(watching.list_)
app.command("clock")(watching.clock)
app.command("collect")(collecting.collect)
app.command("review")(reviewing.review)
app.command("preview")(reviewing.preview)
app.command("exemptions")(reviewing.exemptions)
app.command("finish")(finishing.finish)
app.command("drop")(reviewing.drop)


@app.callback()
def _group() -> None:
    """Subject access requests: open one, watch its clock, collect, review, finish."""
