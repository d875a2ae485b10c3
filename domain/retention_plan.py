"""What falls due in which year: the yearly plan, from counts by year and class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

OVERDUE, LATER, OPEN = "overdue", "later", "open"


@dataclass(frozen=True, slots=True)
class Falls:
    """So many records of one class (the one that governs them) run out on a day of that year: None is open-ended."""

    record_class: str
    year: int | None
    records: int
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``columns`` are overdue, each year, later, open; ``rows`` are counts by class, the classes in their order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def totals(self) -> tuple[int, ...]:
        """By column."""
        return tuple(sum(counts[n] for _, counts in self.rows) for n in range(len(self.columns)))

    @property
    def years(self) -> tuple[str, ...]:
        """The columns that are years."""
        return tuple(c for c in self.columns if c.isdigit())

    def cells(self) -> Iterable[tuple[str, str, int]]:
        """Column, class and count of all that is not nothing; column by column."""
        for n, column in enumerate(self.columns):
            for name, counts in self.rows:
                if counts[n]:
                    yield column, name, counts[n]


def plan(falls: Iterable[Falls], today: date, years: int) -> Plan:
    """From this year on, for so many years. Nothing is left out: what runs out after them is in ``later``."""
    shown = [str(today.year + n) for n in range(years)]
    columns = (OVERDUE, *shown, LATER, OPEN)
    counted: Counter[tuple[str, str]] = Counter()
    for one in falls:
        counted[one.record_class, _column(one, shown)] += one.records
    classes = sorted({name for name, _ in counted})
    return Plan(columns, tuple((name, tuple(counted[name, column] for column in columns)) for name in classes))


def _column(one: Falls, shown: list[str]) -> str:
    if one.overdue:
        return OVERDUE
    if one.year is None:
        return OPEN
    return str(one.year) if str(one.year) in shown else LATER
