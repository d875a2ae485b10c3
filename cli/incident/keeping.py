"""``sallyport incident open|add|write|contain``: what happened, what belongs to it, and what is done at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from cli.access.edge import acting
from cli.frame import InputError, command, framed
from cli.incident.edge import Case, say, told
from cli.office import in_the_office, moment
from cli.whom import person_of
from domain.incident import Nature
from domain.model import Address

Records = Annotated[list[str] | None, typer.Option("--record", help="A record's id (repeat).")]
_REVIEW = timedelta(days=90)


@command
def open_(
    kind: Annotated[Nature, typer.Argument(help="What went wrong.")],
    record: Records = None,
    aware: Annotated[
        str | None,
        typer.Option(help="When we became aware, as 2026-02-28T14:30; else now. The clock's start."),
    ] = None,
    nature: Annotated[str, typer.Option(help="What happened, in a sentence or two. Name nobody.")] = "",
) -> None:
    """Open an incident, with the records that it is about. The clock counts from the moment we became aware."""
    framed()
    from vault.incidents import casebook

    who = acting()
    with told():
        row = casebook.open_incident(kind, moment(aware, "--aware") or who.now, _ids(record), who, nature)
        say(row, who.now)
    print(f"Keep what was filed, and see who received it: sallyport incident contain {row.reference}")


@command
def add(
    incident: Case,
    record: Records = None,
    person: Annotated[list[str] | None, typer.Option(help="A council ID: every record about them (repeat).")] = None,
) -> None:
    """More records that belong to it. A hold on the incident covers them at once."""
    framed()
    from vault.export.wholes import records_of
    from vault.incidents import casebook

    about = [r for p in person or () for r in records_of(person_of(p).ref)]
    if not (record or about):
        raise InputError("records", public="Say which records: --record ID (repeat), or --person COUNCIL-ID (repeat).")
    with told():
        fresh = casebook.add_records(casebook.find(incident), [*_ids(record), *about], acting())
    print(f"{fresh} record{'' if fresh == 1 else 's'} added.")


@command
def write(
    incident: Case,
    nature: Annotated[str | None, typer.Option(help="What happened.")] = None,
    people_kinds: Annotated[str | None, typer.Option(help="Kinds of people concerned.")] = None,
    people_number: Annotated[int | None, typer.Option(min=0, help="About how many people.")] = None,
    record_kinds: Annotated[str | None, typer.Option(help="Kinds of records.")] = None,
    record_number: Annotated[int | None, typer.Option(min=0, help="About how many records.")] = None,
    contact: Annotated[str | None, typer.Option(help="The data protection officer, or who else can be asked.")] = None,
    consequences: Annotated[str | None, typer.Option(help="What the consequences are likely to be.")] = None,
    measures: Annotated[str | None, typer.Option(help="What was done about it, or will be.")] = None,
) -> None:
    """What the Commissioner asks about it (UK GDPR Art. 33(3)). Name nobody. What is not given stays as it is."""
    framed()
    from vault.incidents import casebook

    said = {
        "nature": nature, "people_kinds": people_kinds, "people_number": people_number, "record_kinds": record_kinds,
        "record_number": record_number, "contact": contact, "consequences": consequences, "measures": measures,
    }  # fmt: skip
    given = {name: value for name, value in said.items() if value is not None}
    if not given:
        raise InputError("nothing", public="Say what to write; see `sallyport incident write --help`.")
    who = acting()
    with told():
        casebook.write(casebook.find(incident), given, who)
        say(casebook.find(incident), who.now)


@command
def contain(incident: Case) -> None:
    """Keep all that belongs to it from being destroyed, and say who received what."""
    framed()
    from cli.incident.looking import print_reach
    from vault.incidents import casebook, containing

    who = acting()
    with told():
        row = casebook.find(incident)
        hold = containing.hold_records(row, (who.now + _REVIEW).date(), who)
    if hold is None:
        print("A hold is on already.")
    else:
        print(f"Hold {hold.hold} is on; it covers {hold.covered} record{'' if hold.covered == 1 else 's'} by now.")
        for late in hold.too_late:
            print(f"Too late for {late}: its destruction had begun or was done before.")
    print_reach(row.reference)


@command
def stop(
    incident: Case,
    address: Annotated[list[str], typer.Argument(help="To whom nothing may go for now (several, if need be).")],
) -> None:
    """Stop all mail to a recipient at once: whatever comes for them is held. No reviewer can release it meanwhile."""
    framed()
    from vault.incidents import casebook
    from web import stopping

    who = acting()
    with told():
        row = casebook.find(incident)
    for each in map(Address.of, address):
        with in_the_office():
            fresh = stopping.stop(each, row.reference, who)
        print(f"Mail to {each} is {'stopped' if fresh else 'stopped already'}.")


@command
def let_go(
    address: Annotated[str, typer.Argument(help="The recipient.")],
    because: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
) -> None:
    """Mail to a recipient is decided by the rules again. What was held meanwhile waits for a reviewer."""
    framed()
    from web import stopping

    with in_the_office():
        case = stopping.let_go(Address.of(address), acting(because))
    print(f"Mail to {address} was stopped for {case}, and is not any more.")


def _ids(records: list[str] | None) -> list[str]:
    return [r.strip().upper() for r in records or ()]
