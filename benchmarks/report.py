"""One table for all measurements."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement, its baseline in the same run, their ratio. ``target`` 0 is none; a negative one is a ceiling."""

    what: str
    ours: str
    baseline: str
    ratio: float
    target: float = 0

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        if not self.target:
            return ""
        met = self.ratio >= self.target if self.target > 0 else self.ratio <= -self.target
        return f"{'met' if met else 'MISSED'} ({'>=' if self.target > 0 else '<='} {abs(self.target):g})"


def show(rows: list[Row]) -> None:
    """Print."""
    table = Table("what", "Sallyport", "baseline", "ratio", "target")
    for row in rows:
        table.add_row(row.what, row.ours, row.baseline, f"{row.ratio:.2f}", row.verdict)
    Console().print(table)
