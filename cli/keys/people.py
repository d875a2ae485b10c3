"""``sallyport keys people``, ``renew``: the vault's key pair of each person in the register."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.frame import command, framed
from cli.keys.masters import Why, actor, reason
from cli.whom import person_of


@command
def people() -> None:
    """Make the vault key of every person in the register who has none. `register import` does it, too."""
    from cli.register import make_people_keys

    print(f"{make_people_keys(framed())} people have a key of their own in the vault.")


@command
def renew(
    council_id: Annotated[str, typer.Argument(help="The person's council ID.")],
    why: Why,
) -> None:
    """Give a person a new vault key for what is filed from now on, as after a compromise. What was filed stays open."""
    settings = framed()
    from gateway.bootstrap import build_sealing_keys
    from gateway.clock import SystemClock

    reason(why)
    person, keys = person_of(council_id), build_sealing_keys(settings)
    generation = keys.renew(person.ref, SystemClock().now(), actor=actor(), why=why)
    print(f"{council_id} has a new vault key, number {generation}. What is filed from now on is sealed to it.")
    print("What was filed before stays sealed to the earlier one, which stays in the vault.")
