"""``sallyport retention``: how long records are kept, why, and what falls due. Each command has a module of its own."""

from __future__ import annotations

import typer

from cli.retention import checking, explaining, marking, planning, sweeping

app = typer.Typer(no_args_is_help=True, help="How long records are kept: the schedule, the plan, the reasons.")
app.command("check")(checking.check)
app.command("plan")(planning.plan)
app.command("explain")(explaining.explain)
app.command("close")(marking.close)
app.command("mark")(marking.mark)
app.command("sweep")(sweeping.sweep)


@app.callback()
def _group() -> None:
    """How long records are kept: the schedule, the plan, the reasons."""
