"""``sallyport held list``, ``show``: what waits, and why. Showing opens the mail, and is written to the audit trail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError, command, framed
from cli.held.anew import as_decided, decided_now
from cli.looking import looked
from cli.office import print_json, print_table, shown
from domain.decision import Action

if TYPE_CHECKING:
    from vault.held.copy import Copy
    from vault.held.waiting import Waiting

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="As `sallyport held list` shows it.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@command
def list_(
    as_json: Json = False,
    now: Annotated[bool, typer.Option("--now", help="What would be decided of each now, by the register.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="The oldest alone, so many.")] = None,
) -> None:
    """What waits for a reviewer, oldest first."""
    settings = framed()
    from vault.held import words
    from vault.held.waiting import waiting

    everything = waiting()
    rows = everything[:limit]
    looked("held mails listed", count=len(rows))
    decided = decided_now(rows, settings) if now else {}
    if as_json:
        print_json([_as_json(row) | ({"now": as_decided(decided.get(row.pk))} if now else {}) for row in rows])
    elif rows:
        told: list[tuple[str, ...]] = [
            (str(r.pk), shown(r.held_at), r.sender, r.recipient, words.why(r.decision), words.stands(r)) for r in rows
        ]
        print_table("Held mails", ("number", "since", "from", "to", "why", "stands"), told)
        for row in rows if now else ():
            print(f"{row.pk}: {words.decided_now(decided.get(row.pk))}")
        if len(rows) < len(everything):
            print(f"{len(rows)} of {len(everything)}; the others are younger.")
    else:
        print("No mail waits for a reviewer.")


@command
def show(
    number: Number,
    why: Annotated[str, typer.Option(help="Why you look; it goes to the audit trail with your name.")],
    out: Annotated[Path | None, typer.Option(help="Write the mail itself into this new file, too.")] = None,
) -> None:
    """Open one: what was read in it, what was found, about whom, and what may be accepted."""
    settings = framed()
    from cli.jobs.held import build_reader

    row = one(number)
    if out is not None and out.exists():
        raise InputError("out", public=f"The file {out} must not be there yet; name another with --out.")
    reader = build_reader(settings)
    looked("held mail opened", record=row.record, why=why, recipient=row.recipient)
    copy = reader.open(row.record)
    _print(row, copy)
    if out is not None:
        out.write_bytes(copy.raw)
        print(f"\nThe mail is in {out}; delete that file when you have looked.")


def one(number: int) -> Waiting:
    """The held mail of that number. Raises :class:`InputError`."""
    from vault.held.waiting import waiting

    found = waiting(number)
    if not found:
        raise InputError("not held", public=f"No held mail has the number {number}; see `sallyport held list`.")
    return found[0]


def _print(row: Waiting, copy: Copy) -> None:
    print(f"Subject: {copy.subject}\nFrom: {row.sender}\nTo: {row.recipient}\nHeld since: {shown(row.held_at)}\n")
    print("Why it is held:")
    for reason in row.decision.decisive:
        about = f" ({reason.category.label})" if reason.category else ""
        print(f"  [{reason.rule}] {reason.why}{about}." + (f"\n      {reason.fix}" if reason.fix else ""))
    for found in copy.found:
        words = "; ".join(dict.fromkeys(e.text for e in found.evidence if e.text))[:300]
        print(f"Found in {found.part}: {found.category} ({found.likelihood:.0%}): {words}")
    for part, cause in copy.unread:
        print(f"Not read: {part}: {cause}")
    for path, name, kind in copy.files:
        print(f"File {path}: {name} ({kind})")
    for page in copy.texts:
        print(f"\n--- {page.part}, page {page.page} ---\n{page.text}")


def _as_json(row: Waiting) -> dict[str, object]:
    return {
        "number": row.pk,
        "record": row.record,
        "held_at": row.held_at.isoformat(),
        "from": row.sender,
        "to": row.recipient,
        "rules": [r.rule for r in row.decision.reasons if r.action is Action.HOLD],
        "stands": row.settlement.state if row.settlement else "waits",
        "asked": row.asked.why if row.asked else None,
    }
