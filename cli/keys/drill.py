"""``sallyport keys drill``: shows that a master opens people's secrets, in the database and in escrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from cli.exits import Exit
from cli.frame import command, framed, say_error
from cli.keys.masters import Identities, Why, actor, masters_of, print_masters, read_all, reason

if TYPE_CHECKING:
    from vault.keys.drill import Drilled

_SAMPLE = 25
_NAMED = 10


@command
def drill(
    identity: Identities,
    why: Why = "recovery drill",
    sample: Annotated[int, typer.Option(min=1, help="How many keys to try, drawn by lot.")] = _SAMPLE,
    every: Annotated[bool, typer.Option("--all", help="Try every key.")] = False,
) -> None:
    """Show that a master's identity opens people's sealed secrets, in the database and in escrow. Reads no document."""
    settings = framed()
    from gateway.bootstrap import build_escrow
    from gateway.clock import SystemClock
    from vault.escrow import Escrow
    from vault.keys.drill import Driller, chosen
    from vault.keys.rotation import Order
    from vault.unseal import CannotOpen

    order = Order(actor(), reason(why))
    masters = masters_of(settings)
    driller = Driller(masters, Escrow(build_escrow(settings)), read_all(identity))
    print_masters(masters.recipients, driller.shown)
    if not driller.shown:
        raise CannotOpen("no master", public="None of the identities given is of a master that the settings name.")
    keys = chosen(None if every else sample)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Opening secrets", total=len(keys))
        done = driller.run(keys, order, SystemClock(), lambda: progress.advance(task))
    _report(done)


def _report(done: Drilled) -> None:
    print(f"{done.tried} of {done.living} keys were tried; {done.tried - len(done.problems)} opened in both places.")
    for name, problem in list(done.problems.items())[:_NAMED]:
        say_error(f"{name}: {problem}.")
    if len(done.problems) > _NAMED:
        say_error(f"... and {len(done.problems) - _NAMED} more.")
    if done.left_over:
        say_error(f"{done.left_over} copies in escrow should have been removed; `sallyport keys rotate` removes them.")
    if done.unknown:
        say_error(f"{done.unknown} objects in escrow belong to no key that the database knows; they are left alone.")
    if not done.tried:
        say_error("there is no key to try yet.")
    if not done.passed:
        raise typer.Exit(Exit.KEY)
    print("The drill is passed; `sallyport check` remembers it.")
