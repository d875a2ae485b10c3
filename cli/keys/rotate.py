"""``sallyport keys rotate``: people's sealed secrets to the masters that the settings name now."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.exits import Exit
from cli.frame import InputError, command, framed, say_error
from cli.keys.masters import Identities, Why, actor, masters_of, print_masters, read_all, reason

_NAMED = 10


@command
def rotate(
    identity: Identities,
    why: Why,
    unproven: Annotated[bool, typer.Option("--unproven", help="Even if no identity given is of a new master.")] = False,
) -> None:
    """Seal every person's secret anew, to the masters that the settings name now. Safe to break off and to repeat."""
    settings = framed()
    from gateway.bootstrap import build_escrow
    from gateway.clock import SystemClock
    from vault.escrow import Escrow
    from vault.keys.rotation import Order, Rotator

    order = Order(actor(), reason(why))
    masters = masters_of(settings)
    rotator = Rotator(masters, Escrow(build_escrow(settings)), read_all(identity))
    print_masters(masters.recipients, rotator.shown)
    if not rotator.shown and not unproven:
        public = (
            "None of the identities given is of a master that the settings name, so nobody has shown that what is "
            "sealed to them will open; give one with --identity, or say --unproven."
        )
        raise InputError("unproven masters", public=public)
    waiting = len(rotator.waiting())
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Sealing anew", total=waiting)
        done = rotator.run(order, SystemClock(), lambda: progress.advance(task))
    if waiting:
        print(f"{done.resealed} of {waiting} secrets are sealed anew, in the database and in escrow.")
    else:
        print("Every secret was sealed to these masters already.")
    if done.searches:
        print(f"{done.searches} saved searches are sealed anew, too.")
    if unproven and not rotator.shown:
        print("The earlier copies stay in escrow until this is run again with an identity of a new master.")
    if done.tidied:
        print(f"{done.tidied} copies that an earlier run left in escrow are removed.")
    if done.restored:
        print(f"{done.restored} were missing in escrow and are there again.")
    _complain(done.unknown, done.unopened)


def _complain(unknown: int, unopened: tuple[str, ...]) -> None:
    if unknown:
        say_error(
            f"{unknown} objects in escrow belong to no key that the database knows, and are left alone; "
            "if the database was set back to an older copy, they may be all there is of those keys."
        )
    if unopened:
        named = ", ".join(unopened[:_NAMED]) + (" and others" if len(unopened) > _NAMED else "")
        say_error(f"{len(unopened)} seals do not open with the identities given and stay as they were: {named}.")
        raise typer.Exit(Exit.KEY)
