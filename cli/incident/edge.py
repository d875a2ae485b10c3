"""What the commands about incidents share: what cannot be is a sentence; how one stands, in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError
from cli.office import shown
from domain.incident import SAID, Clock, clock, hours

if TYPE_CHECKING:
    from vault.models import Incident

Case = Annotated[str, typer.Argument(help="The incident, as `sallyport incident list` shows it: INC-2026-001.")]
At = Annotated[str | None, typer.Option("--at", help="When, as 2026-02-28T14:30; else now.")]


@contextmanager
def told() -> Iterator[None]:
    """What cannot be done with an incident is exit code 5."""
    from vault.incidents.casebook import IncidentError

    try:
        yield
    except IncidentError as error:
        raise InputError(error.private, public=error.public) from error


def say(incident: Incident, now: datetime) -> None:
    """Two or three lines: how it stands, and what is next."""
    stands = clock(incident.judged, now)
    print(f"{incident.reference}: {in_words(incident, stands)}")
    for duty in stands.duties[:1]:
        print(f"  next: {duty}")


def in_words(incident: Incident, stands: Clock) -> str:
    """How the clock stands, with the moment that counts."""
    if incident.closed_at is not None:
        return f"closed on {shown(incident.closed_at)}; {SAID[stands.state]}"
    if stands.left is None:
        return SAID[stands.state]
    ahead = stands.left >= timedelta()
    return f"{SAID[stands.state]}: {hours(abs(stands.left))} {'left' if ahead else 'over'}, due {shown(stands.due)}"
