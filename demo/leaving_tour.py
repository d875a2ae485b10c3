"""Tobias has moved: his former carer signs on a page what is back and what is deleted, and the office sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

from rich.console import Console

from demo.commands import run, show, wrong
from demo.next_hop import NextHop
from demo.pickup_tour import LINK, Carer
from demo.stage import Stage

_SIGNED = {"papers": "RETURNED", "copies": "DELETED", "agree": "yes"}


def tour(stage: Stage, out: Console, hop: NextHop, log: Path) -> Iterator[str]:
    """Show it; gives what went wrong, if anything."""
    yield from wrong(run(stage, "worker --once"))
    yield from show(
        stage, out, "A placement has ended: the register has opened a case for each carer there", "leaving list"
    )
    number = _first(stage)
    if not number:
        yield "no case was opened for a placement that ended"
        return
    keeps = "leaving send {} --keeps 'Mileage sheets of this year, for tax' --agreed-by 'Nadia Okonkwo'"
    yield from show(stage, out, "The officer has the page sent to the carer", keeps.format(number))
    yield from wrong(run(stage, "worker --once"))
    page = _sign(stage, hop, log)
    if "You have signed it" not in page:
        yield "the carer could not sign what came back and what was deleted"
    out.print("\nThe carer opened the link with a code, ticked that papers are back and copies deleted, and signed.")
    yield from wrong(run(stage, "worker --once"))
    yield from show(stage, out, "What the office sees of it", "leaving list")
    if "all papers are given back" not in " ".join(run(stage, "leaving list").stdout.split()):
        yield "the office does not see what the carer signed"


def _first(stage: Stage) -> str:
    """The number of the oldest case."""
    found = re.search(r"│ (\d+)", run(stage, "leaving list").stdout)
    return found[1] if found else ""


def _sign(stage: Stage, hop: NextHop, log: Path) -> str:
    notice = hop.last_notice_of_pick_up()
    if notice is None:
        return ""
    text = message_from_bytes(notice.content, policy=SMTP).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = LINK.search(text)
    carer = Carer(stage, found[1] if found else "/")
    carer.come_in(log)
    carer.ask("GET", "/leaving")
    return carer.ask("POST", "/leaving", name="Lionel Brackenbury", **_SIGNED)
