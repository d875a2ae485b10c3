"""``sallyport retention plan``: what falls due by year and class, as a table, a CSV and a picture."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.frame import InputError, command, framed
from domain.retention import day_of
from domain.retention_plan import Plan
from domain.retention_plan import plan as planned
from domain.retention_words import label, said

_MOST_YEARS = 40


@command
def plan(
    years: Annotated[int, typer.Option(min=1, max=_MOST_YEARS, help="How many years to show.")] = 10,
    csv_file: Annotated[Path | None, typer.Option("--csv", help="Write the counts to this file, too.")] = None,
    svg_file: Annotated[Path | None, typer.Option("--svg", help="Draw them into this file, too.")] = None,
) -> None:
    """What falls due in which year, by the class that governs; what is overdue, and what has no day yet and why."""
    framed()
    from gateway.clock import SystemClock
    from vault.retention import planning
    from vault.retention.picture import HEADS, draw

    today = day_of(SystemClock().now())
    due = planning.read(today)
    found = planned(due.falls, today, years)
    console = Console(highlight=False)
    console.print(_drawn(found, HEADS))
    for line in planning.remarks(due):
        console.print(line, markup=False)
    if due.unreckoned:
        console.print("To do it now: sallyport retention sweep")
    if csv_file is not None:
        _write(csv_file, as_csv(found))
    if svg_file is not None:
        _write(svg_file, draw(found, f"What falls due, as of {said(today)}"))


def as_csv(found: Plan) -> str:
    """A line a year and class."""
    out = StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["falls_due", "class", "records"])
    lines.writerows(found.cells())
    return out.getvalue()


def _drawn(found: Plan, heads: Mapping[str, str]) -> Table:
    table = Table("falls due", "records", "of which")
    table.columns[1].justify = "right"
    for n, (column, total) in enumerate(zip(found.columns, found.totals, strict=True)):
        parts = [(counts[n], label(name)) for name, counts in found.rows if counts[n]]
        text = ", ".join(f"{number:,} {name}" for number, name in sorted(parts, key=lambda p: (-p[0], p[1])))
        table.add_row(heads.get(column, column), f"{total:,}", text)
    return table


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("plan file", public=f"The file {path} cannot be written.") from error
    print(f"Written: {path}")
