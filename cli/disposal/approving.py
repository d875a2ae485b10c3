"""``sallyport disposal show``, ``approve`` and ``refuse``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.account import account
from cli.disposal.proposing import build_viewer, plain_console
from cli.frame import command, framed
from cli.holds import a_day, told
from cli.looking import looked
from domain.disposal import LineState

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.disposal.approving import Shown, Sight

_Proposal = Annotated[str, typer.Argument(help="As `sallyport disposal list` shows it.")]


@command
def show(
    proposal: _Proposal,
    as_json: Annotated[bool, typer.Option("--json", help="For programs, with every file and digest.")] = False,
) -> None:
    """A proposal as it stands now, line by line: class, rule, people as references, sizes; no words. And its code."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.disposal.approving import look

    looked("disposal shown", proposal=proposal)

    with told():
        sight = look(proposal.upper(), build_viewer(settings), SystemClock().now())
    if as_json:
        print(json.dumps(_as_json(sight), indent=1))
        return
    _show(sight)


@command
def approve(
    proposal: _Proposal,
    seen: Annotated[str, typer.Option(help="The code that `disposal show` printed: what you have seen is what goes.")],
) -> None:
    """Approve every open line that can go. It takes two people, neither of whom proposed it; it runs out."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.disposal import approving

    now, lasts = SystemClock().now(), settings.disposal.approval
    with told():
        number = approving.approve(proposal.upper(), seen, build_viewer(settings), account(), now, lasts)
    print(f"Approved: {number} lines, by {account()}, until {now + lasts:%Y-%m-%d}.")


@command
def refuse(
    proposal: _Proposal,
    line: Annotated[str, typer.Argument(help="The record's id, or person/generation of a key.")],
    why: Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")],
    until: Annotated[str, typer.Option(help="The day on which it is looked at again, as 2027-05-31.")],
) -> None:
    """Keep a record longer: it leaves the proposal, and is not proposed again before that day."""
    framed()
    from gateway.clock import SystemClock
    from vault.disposal import approving

    with told():
        approving.refuse(proposal.upper(), line, why, a_day(until, "--until"), account(), SystemClock().now())
    print(f"Kept: {line}, until {until} at least.")


def _show(sight: Sight) -> None:
    console = plain_console()
    console.print(f"Proposal {sight.batch.id} of {sight.batch.proposed_at:%Y-%m-%d} by {sight.batch.proposed_by}")
    for line in sight.lines:
        for number, text in enumerate(_key(line) if line.row.key_id else _record(line)):
            console.print(f"  {text}" if number else text)
        console.print(f"  {_state(line)}" + (f"; approved by {', '.join(line.approvers)}" if line.approvers else ""))
    if any(_can_go(line) for line in sight.lines):
        console.print(f"If that may go: sallyport disposal approve {sight.batch.id} --seen {sight.code}")


def _can_go(line: Shown) -> bool:
    from vault.disposal.approving import STANDS_IN_THE_WAY

    return line.row.state == LineState.OPEN and not STANDS_IN_THE_WAY & set(line.obstacles)


def _record(line: Shown) -> Iterator[str]:
    facts: dict[str, Any] = dict(line.facts)
    rule, files, people = facts["rule"], facts["objects"], facts["people"]
    size = sum(f["size"] for f in files)
    about = ", ".join(people) or "nobody known"
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    yield f"{facts['record']}  {', '.join(facts['classes'])}; about {about}; {count}, {size:,} bytes"
    name = f"{rule['class']} ({rule['variant']})" if rule["variant"] else rule["class"]
    yield f"{name}: {rule['years']} years from {rule['event']} on {rule['day']}, so it may go from {rule['until']} on"
    yield rule["source"]


def _key(line: Shown) -> Iterator[str]:
    facts = line.facts
    yield f"key {facts['person']}/{facts['generation']}"
    yield f"of the records sealed to it {facts['records disposed of']} are disposed of, {facts['records kept']} kept"


def _state(line: Shown) -> str:
    if line.row.state == LineState.REFUSED:
        return f"refused until {line.row.keep_until}: {line.row.refusal}"
    said = [str(o) for o in line.obstacles] or [p for p in (line.row.problem,) if p]
    return "; ".join([line.row.state, *said])


def _as_json(sight: Sight) -> dict[str, object]:
    lines = [
        {
            "facts": dict(x.facts),
            "digest": x.digest,
            "state": x.row.state,
            "approved by": list(x.approvers),
            "obstacles": list(x.obstacles),
            "problem": x.row.problem,
        }
        for x in sight.lines
    ]
    return {"proposal": sight.batch.id, "proposed by": sight.batch.proposed_by, "code": sight.code, "lines": lines}
