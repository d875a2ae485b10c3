"""``sallyport audit looks``, ``list`` and ``tail``: reading the trail. Reading it is recorded, too."""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.office import moment
from cli.whom import person_of
from domain.here import HERE

if TYPE_CHECKING:
    from vault.models import AuditEvent

_COLUMNS = ("number", "at", "who", "what", "record", "why", "details")
_PAUSE_SECONDS = 2.0
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@command
def looks(
    person: Annotated[str, typer.Option(help="A person: council ID, or register reference.")] = "",
    record: Annotated[str, typer.Option(help="A record's id.")] = "",
    viewer: Annotated[str, typer.Option(help="Who looked, as the trail names them: cli:jo; or an address.")] = "",
    since: Annotated[str | None, typer.Option(help="A day, or a time: 2026-11-23T09:00")] = None,
    why: Annotated[str, typer.Option(help="Why you ask; it is recorded.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
) -> None:
    """Who saw what: every look, download, export, search and decision, by person, by record or by viewer."""
    if sum(map(bool, (person, record, viewer))) != 1:
        raise InputError("which", public="Say whose: one of --person, --record and --viewer.")
    framed()
    from vault import looks as trail

    first = moment(since, "--since")
    if person:
        ref = _reference(person)
        looked("trail read", why=why, person=ref)
        found = trail.of_person(ref, first)
    elif record:
        looked("trail read", record=record, why=why)
        found = trail.of_record(record, first)
    else:
        looked("trail read", why=why, viewer=viewer)
        found = trail.of_viewer(viewer, first)
    _print(found, as_csv=as_csv)


@command
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest.")] = 50,
    relay: Annotated[bool, typer.Option("--relay", help="Also what the relay did with each mail.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
) -> None:
    """The newest events, the last of them last."""
    framed()
    from vault import looks as trail

    looked("trail read", events=limit)
    _print(trail.last(limit, relay=relay), as_csv=as_csv)


@command
def tail(
    relay: Annotated[bool, typer.Option("--relay", help="Also what the relay does with each mail.")] = False,
) -> None:
    """The newest events, and each that comes, until Ctrl-C."""
    framed()
    from vault import looks as trail

    looked("trail followed")
    after = 0
    while True:
        for row in trail.last(10 if not after else 10_000, relay=relay, after=after):
            print(_line(row), flush=True)
            after = row.sequence
        time.sleep(_PAUSE_SECONDS)


def _reference(person: str) -> str:
    """A council ID's reference; a reference as it is, for people may have gone from the register."""
    return person if re.fullmatch(r"p-[0-9a-zA-Z]+", person) else person_of(person).ref


def _print(rows: Iterable[AuditEvent], *, as_csv: bool) -> None:
    """One by one: there may be many."""
    if as_csv:
        out = csv.writer(sys.stdout)
        out.writerow(_COLUMNS)
        out.writerows([_harmless(value) for value in _values(row)] for row in rows)
        return
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - it is the number of rows afterwards
        print(_line(row))
    print("Nothing is recorded of that." if not count else f"{count} event{'' if count == 1 else 's'}.")


def _line(row: AuditEvent) -> str:
    """As people here read it: local time; what is empty is left out."""
    details = ", ".join(f"{name} {_shown(value)}" for name, value in _details(row) if value)
    rest = [row.record, f'"{row.why}"' if row.why else "", details]
    begins = f"{row.sequence:>7}  {row.at.astimezone(HERE):%Y-%m-%d %H:%M:%S}  {row.actor}  {row.action}"
    line = "  ".join([begins, *filter(None, rest)])
    return "".join(c if c.isprintable() else " " for c in line)  # a sender's address must not steer the terminal


def _values(row: AuditEvent) -> Iterator[str]:
    yield str(row.sequence)
    yield row.at.astimezone(UTC).isoformat(timespec="seconds")
    yield from (row.actor, row.action, row.record, row.why)
    yield json.dumps(row.details, ensure_ascii=False, sort_keys=True)


def _details(row: AuditEvent) -> Iterator[tuple[str, object]]:
    """By name. The words of a search are sealed, and long: `--csv` has them as they are recorded."""
    for name, value in sorted(row.details.items()):
        if row.action != "searched":
            yield name, value
        elif name == "query":
            yield "words", "sealed (`sallyport vault searches asked` opens them)"
        elif name != "same":
            yield name, value


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _harmless(value: str) -> str:
    """A spreadsheet must not take what somebody wrote for a formula."""
    return f"'{value}" if value.startswith(_RISKY) else value
