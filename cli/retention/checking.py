"""``sallyport retention check``: is the schedule whole, and what does it say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.frame import command
from config import retention, settings
from domain.retention import AFTER_DEATH, Schedule
from domain.retention_words import label, years


@command
def check(
    file: Annotated[Path | None, typer.Argument(help="A retention file; else the one that the settings name.")] = None,
) -> None:
    """Refuse a schedule with a gap, with one sentence; show a whole one, each number with its source."""
    path = file or settings.load().retention_file
    schedule = retention.load(path)
    console = Console(highlight=False, soft_wrap=True)
    for line in _lines(schedule):
        console.print(line, markup=False)
    console.print(f"{path} can be used: {len(schedule)} classes, each with its period and source.", markup=False)


def _lines(schedule: Schedule) -> Iterator[str]:
    for period in schedule.values():
        yield f"{label(period.record_class)}: {years(period.years)} from {period.trigger}"
        yield f"    {period.source}"
        for variant in period.variants.values():
            when = "after a death" if variant.name == AFTER_DEATH else f"if marked {variant.name}"
            yield f"  {when}: {years(variant.years)}"
            yield f"    {variant.source}"
