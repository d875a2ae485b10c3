"""``sallyport policy``: is the policy whole, what does it say, and what would another one have decided."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from cli import policy_diff
from cli.exits import Exit
from cli.frame import InputError, command
from cli.policy_markdown import markdown
from config import policy, settings
from domain import tables
from domain.rules import Consequence, Rules
from domain.tables import Page, pages

app = typer.Typer(no_args_is_help=True, help="The policy file: check it, read it, try another one.")
File = Annotated[Path | None, typer.Argument(help="A policy file; else the one that the settings name.")]


@app.callback()
def _group() -> None:
    """The policy file: check it, read it, try another one."""


@app.command("check")
@command
def check(
    file: File = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also where rows lie over each other.")] = False,
) -> None:
    """Find every case that is left open, every row that can never apply, and whatever else start-up would refuse."""
    path = _path(file)
    rules = policy.read(path)
    problems = list(tables.problems(rules))
    console = Console(highlight=False, soft_wrap=True)
    for problem in problems:
        console.print("[bold red]FAIL[/] ", end="")
        console.print(f"{problem}.", markup=False)
    if verbose:
        for note in tables.notes(rules):
            console.print("[yellow]note[/] ", end="")
            console.print(f"{note}.", markup=False)
    if problems:
        things = "one thing" if len(problems) == 1 else f"{len(problems)} things"
        console.print(f"{path} cannot be used: {things} to put right.", markup=False)
        raise typer.Exit(Exit.CHECK_FAILED)
    cases = f"{len(rules.sharing)} rows answer all {len(tables.EVERY_CASE)} cases"
    console.print(f"{path} can be used: {cases}, and every row can apply.", markup=False)


@app.command("table")
@command
def table(
    file: File = None,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="All of the policy, as Markdown.")] = False,
) -> None:
    """Show what follows for whom: what the recipient is, how permission stands, what was found."""
    rules = policy.read(_path(file))
    if as_markdown:
        print(markdown(rules), end="")
        return
    console = Console(highlight=False)
    for page in pages(rules):
        console.print(_drawn(page, rules))
    console.print("† gives way when an officer asks for an urgent release", style="dim")


app.command("diff")(policy_diff.diff)


def _path(file: Path | None) -> Path:
    """The file, else the one that the settings name, else the one that comes with Sallyport."""
    if file is None:
        return settings.load().policy_file
    if not file.is_file():
        raise InputError("no such file", public=f"The file {file} cannot be read.")
    return file


def _drawn(page: Page, rules: Rules) -> Table:
    drawn = Table(title=page.title, title_justify="left", title_style="bold", box=SIMPLE, pad_edge=False)
    for name in ("permission", *page.head()):
        drawn.add_column(name, overflow="fold")
    for row in page.rows:
        drawn.add_row(page.states(row), *(_cell(c, rules) for c in row.cells))
    return drawn


_COLOURS = {"ENCRYPT": "green", "HOLD": "yellow", "REJECT": "red", "RELAY": "red"}


def _cell(consequence: Consequence | None, rules: Rules) -> str:
    if consequence is None:
        return "[bold red]no row[/]"
    name = consequence.action.name
    ground = f" ({consequence.basis})" if consequence.basis else ""
    dagger = " †" if consequence.rule in rules.urgency.overrides else ""
    return f"[{_COLOURS[name]}]{name}[/]{ground}: {consequence.rule}{dagger}"
