"""What the demo prints: one table of decisions, a legend, a tally, and single decisions as they appear.

Untrusted input: subjects and addresses of whatever mail a visitor sends. Nothing of it is read as markup, and
characters that could steer the terminal are shown as a dot. Colours go to a terminal only; the words say it all.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import IO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_PIPED = (140, 50)  # columns and lines when there is no terminal to ask
_NARROW = 116  # below this, seven columns side by side are unreadable
_LONG_ADDRESS = 20

_LOOKS = {
    "RELAY": ("cyan", "passed on as it came: nothing confidential, or council staff"),
    "ENCRYPT": (
        "green",
        "signed and encrypted to the recipient's own key, by OpenPGP or S/MIME; without a key it waits behind a link",
    ),
    "HOLD": ("yellow", "filed, not sent; the sender is told why, and how to put it right"),
    "REJECT": ("red", "not sent, and may not be; the sender is told"),
    "DEFER": ("magenta", "451 to the sending server, which keeps the mail and tries again; nothing left"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One recipient of one mail, in words. ``decision`` begins with the action: ``ENCRYPT OpenPGP``."""

    mail: str
    recipient: str
    found: str
    about: str
    decision: str
    why: str
    left: str

    @property
    def action(self) -> str:
        """The decision's first word."""
        return self.decision.partition(" ")[0]


def console(file: IO[str] | None = None, width: int | None = None) -> Console:
    """Where to print: as wide as the terminal, as ``COLUMNS`` says, or 140 when piped. No markup, no emoji."""
    columns = width or shutil.get_terminal_size(_PIPED).columns
    return Console(file=file, width=columns, highlight=False, emoji=False, markup=False, soft_wrap=False)


def show(out: Console, rows: Iterable[Row]) -> None:
    """The table (or, where it would not fit, one block a recipient), then tally and legend."""
    safe = [_printable(row) for row in rows]
    out.print(table(safe) if out.width >= _NARROW else _blocks(safe))
    out.print(tally(safe))
    out.print(legend())


def table(rows: Sequence[Row]) -> Table:
    """One line a recipient, grouped by mail; what is the same as in the line above is not repeated."""
    grid = Table(box=box.HORIZONTALS, header_style="bold", border_style="dim", expand=True, padding=(0, 1, 0, 0))
    for name, width, share in _COLUMNS:
        grid.add_column(name, width=width, ratio=share, overflow="fold", vertical="top")
    for _, group in groupby(rows, key=lambda row: row.mail):
        _add_group(grid, list(group))
    return grid


_COLUMNS = (
    ("mail", 12, None),
    ("recipient", 22, None),
    ("found", None, 14),
    ("about whom", 12, None),
    ("decision", 8, None),
    ("why", None, 28),
    ("what left", None, 15),
)
"""Heading, and either the width that keeps its words and addresses whole, or the share of what remains."""


def _add_group(grid: Table, rows: list[Row]) -> None:
    above: Row | None = None
    for row in rows:
        again = above is not None
        grid.add_row(
            "" if again else Text(row.mail, style="bold"),
            _address(row.recipient),
            "" if above and above.found == row.found else Text(row.found),
            "" if above and above.about == row.about else Text(row.about),
            _decision(row),
            Text(row.why),
            Text(row.left),
        )
        above = row
    grid.add_section()


def live(out: Console, row: Row) -> None:
    """One decision, as it appears."""
    out.print(_block(_printable(row)))


def legend() -> RenderableType:
    """What each action means."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(min_width=7)
    grid.add_column()
    for action, (colour, meaning) in _LOOKS.items():
        grid.add_row(Text(action, style=f"bold {colour}"), Text(meaning, style="dim"))
    return Padding(grid, (1, 0, 1, 1), expand=False)


def tally(rows: Sequence[Row]) -> Text:
    """How many of each, in one line."""
    counts = Counter(row.action for row in rows)
    line = Text(f" {len({row.mail for row in rows})} mails, {len(rows)} recipients: ", style="bold")
    parts = [Text(f"{counts[a]} {a}", style=colour) for a, (colour, _) in _LOOKS.items() if counts[a]]
    return line.append_text(Text(", ").join(parts))


def _blocks(rows: Sequence[Row]) -> Group:
    return Group(*(_block(row) for row in rows))


def _block(row: Row) -> Padding:
    """A recipient's decision as a short list, for narrow screens and for live mail."""
    head = Text.assemble(_decision(row), "  ", (row.mail, "bold"), "  to ", row.recipient)
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", min_width=10)
    grid.add_column(overflow="fold")
    lines = (("found", row.found), ("about whom", row.about), ("why", row.why), ("what left", row.left))
    for name, value in lines:
        grid.add_row(name, Text(value))
    return Padding(Group(head, Padding(grid, (0, 0, 0, 2), expand=False)), (0, 0, 1, 0), expand=False)


def _decision(row: Row) -> Text:
    colour = _LOOKS.get(row.action, ("", ""))[0]
    return Text(row.decision, style=f"bold {colour}".strip())


def _address(address: str) -> Text:
    """Long ones are broken before the @, where the eye expects it."""
    if len(address) <= _LONG_ADDRESS:
        return Text(address)
    local, at, domain = address.rpartition("@")
    return Text(f"{local}\n{at}{domain}" if local else address)


def _printable(row: Row) -> Row:
    """The same row without control characters, line breaks and characters that turn the writing round."""
    return replace(row, **{f.name: _dots(getattr(row, f.name)) for f in fields(row)})


def _dots(text: str) -> str:
    return "".join(c if c.isprintable() else "\u00b7" for c in text)
