"""``sallyport incident list|show``: the register of breaches, and one of them. Each look is on the audit trail."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.access.edge import acting
from cli.frame import command, framed
from cli.incident.edge import Case, in_words, told
from cli.looking import looked
from cli.office import print_json, print_table, shown
from cli.whom import council_id_of
from domain.incident import ASKED, clock, hours, missing

if TYPE_CHECKING:
    from vault.incidents.reach import Received
    from vault.models import Incident

_COLUMNS = ("record", "recipient", "about", "how it left", "what became of it", "when")


@command
def list_(
    every: Annotated[bool, typer.Option("--all", help="The whole register: also those that are closed.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Every field, for a spreadsheet.")] = False,
) -> None:
    """The register of breaches (UK GDPR Art. 33(5)), with the clock of each."""
    framed()
    from vault.incidents import casebook, register

    looked("incidents listed")
    who = acting()
    rows = casebook.register(every=every)
    if as_csv:
        sys.stdout.buffer.write(register.as_csv(rows))
        return
    table: list[tuple[str, ...]] = [
        (r.reference, r.kind, shown(r.aware_at), in_words(r, clock(r.judged, who.now)), r.risk) for r in rows
    ]
    many = "1 incident" if len(rows) == 1 else f"{len(rows)} incidents"
    print_table(many, ("incident", "kind", "aware since", "clock", "risk"), table)


@command
def show(
    incident: Case,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """One incident: its clock, what is written, what is left to do, who received what about whom."""
    framed()
    from register.recording.stops import stopped_for
    from vault.incidents import casebook

    looked("incident shown", incident=incident.strip().upper())
    with told():
        row = casebook.find(incident)
    stands = clock(row.judged, acting().now)
    if as_json:
        print_json({"reference": row.reference, "state": stands.state, "due": stands.due.isoformat(),
                    "duties": list(stands.duties), "missing": list(missing(row.account))})  # fmt: skip
        return
    print(f"{row.reference} ({row.kind}), aware since {shown(row.aware_at)}, opened by {row.opened_by}")
    print(f"Clock: {in_words(row, stands)}. Risk: {row.risk}")
    for name, asked in ASKED.items():
        value = getattr(row, name)
        print(f"  {asked}: {'not known yet' if value in ('', None) else value}")
    _print_told(row)
    for duty in stands.duties:
        print(f"To do: {duty}")
    for address in stopped_for(row.reference):
        print(f"Mail to {address} is stopped.")
    print_reach(row.reference)


def print_reach(incident: str) -> None:
    """Who received what about whom. What is not known of a mail that left is said."""
    from vault.incidents.reach import reach_of

    reach = reach_of(incident)
    print_table("Who received what", _COLUMNS, [_line(r) for r in reach.received])
    to, about = len(reach.recipients), len(reach.people)
    print(f"{to} recipient{' has' if to == 1 else 's have'} it, about {about} {'person' if about == 1 else 'people'}.")


def _line(one: Received) -> tuple[str, ...]:
    return (
        one.record,
        one.recipient.text,
        ", ".join(council_id_of(p) for p in one.people) or "nobody known",
        one.how or ("in the clear" if one.left else ""),
        one.fate.value if one.fate else "nothing",
        shown(one.at) if one.at else "",
    )


def _print_told(row: Incident) -> None:
    if row.reported_at:
        late = row.reported_at - row.judged.due
        after = f", {hours(late)} late: {row.late_because}" if row.late_because else ""
        print(f"  Reported on {shown(row.reported_at)} as {row.reported_as}{after}")
    if row.not_reported_because:
        print(f"  Not reported: {row.not_reported_because}")
    if row.people_told_at:
        print(f"  People told on {shown(row.people_told_at)}")
    if row.people_not_told_because:
        print(f"  People not told: {row.people_not_told_because}")
