"""What the office's commands share: in whose name things are recorded, days and times as typed, output for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from rich.console import Console
from rich.table import Table

from cli.account import account
from cli.frame import InputError
from domain.here import HERE


@contextmanager
def in_the_office(why: str = "") -> Iterator[None]:
    """Recorded in the user's name; what cannot be is a sentence and exit code 5."""
    from register.acting import acting
    from register.recording import Impossible

    try:
        with acting(account(), why):
            yield
    except Impossible as error:
        raise InputError(error.private, public=error.public) from error


def day(text: str | None, option: str) -> date | None:
    """A day as typed. Raises :class:`InputError`."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("day", public=f"'{text}' is not a day ({option}); write it as 2026-02-28.") from None


def moment(text: str | None, option: str) -> datetime | None:
    """A time as typed; without a zone it is the time here. Raises :class:`InputError`."""
    try:
        when = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("time", public=f"'{text}' is not a time ({option}); write it as 2026-02-28T14:30.") from None
    return when.replace(tzinfo=HERE) if when and when.tzinfo is None else when


def shown(when: datetime) -> str:
    """A time as people here read it."""
    return f"{when.astimezone(HERE):%d %B %Y %H:%M}"


def print_json(value: object) -> None:
    """For programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """For people. The first column is there to be copied."""
    print(title)  # apart, so that a command in it can be copied
    table = Table()
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
