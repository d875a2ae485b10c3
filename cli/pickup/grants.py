"""``sallyport pickup list``, ``show``, ``revoke``, ``resend``: what waits, what became of it, and an end to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.account import account
from cli.frame import InputError, command, framed
from cli.looking import looked
from cli.office import print_json, print_table, shown
from config.settings import Settings
from domain.pickup import Standing

if TYPE_CHECKING:
    from vault.models import PickupGrant

Grant = Annotated[str, typer.Argument(metavar="GRANT", help="As `sallyport pickup list` shows it.")]
Why = Annotated[str, typer.Option(help="Why; it goes to the audit trail with your name.")]


@command
def list_(
    everything: Annotated[bool, typer.Option("--all", help="Also what is closed.")] = False,
    to: Annotated[str, typer.Option(help="Of this recipient alone.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """What waits to be picked up, oldest first, and whether it was opened."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.pickup.history import summary

    now = SystemClock().now()
    rows = [(row, standing_of(row, settings, now)) for row in _rows(to)]
    rows = [(row, stands) for row, stands in rows if everything or stands.open]
    looked("pick-ups listed", count=len(rows))
    told = [(row, stands, summary(row)) for row, stands in rows]
    if as_json:
        print_json([_as_json(row, stands, said) for row, stands, said in told])
    elif told:
        lines: list[tuple[str, ...]] = [
            (r.id, shown(r.made_at), r.sender, r.recipient, _stands(s), said) for r, s, said in told
        ]
        print_table("Pick-ups", ("grant", "since", "from", "to", "stands", "so far"), lines)
    else:
        print("Nothing waits to be picked up.")


@command
def show(grant: Grant) -> None:
    """One: to whom, until when, whether it opens now, and everything that was done with it."""
    settings = framed()
    from gateway.clock import SystemClock
    from vault.pickup.history import steps

    row = one(grant)
    looked("pick-up looked at", record=row.record, grant=row.id)
    stands = standing_of(row, settings, SystemClock().now())
    print(f"From: {row.sender}\nTo: {row.recipient}\nRecord: {row.record}\nDocuments: {row.documents}")
    print(f"Until: {shown(row.until)}\nNow: {_stands(stands)}\n")
    for at, said in steps(row):
        print(f"{shown(at)}  {said}")
    print("\nWhat was shown or downloaded is known to them, and nobody can take a downloaded copy back.")


@command
def revoke(grant: Grant, why: Why) -> None:
    """Close one now. Whoever is looking at it, looks no more; what was downloaded stays with them."""
    framed()
    from gateway.clock import SystemClock
    from vault.pickup.helping import close
    from vault.pickup.history import summary

    row = one(grant)
    with helping():
        close(row, account(), why, SystemClock().now())
    print(f"Closed. So far: {summary(row)}.")


@command
def resend(grant: Grant, why: Why) -> None:
    """Send the notice again, with a new link and a new date; the old link closes. What waits stays the same."""
    settings = framed()
    from cli.pickup.sending import sender
    from gateway.clock import SystemClock
    from vault.pickup.helping import send_again

    row, now = one(grant), SystemClock().now()
    with helping():
        anew = send_again(row, standing_of(row, settings, now), sender(settings), account(), why, now)
    print(f"Sent. The new pick-up is {anew}.")


@contextmanager
def helping() -> Iterator[None]:
    """What cannot be done is a sentence and exit code 5."""
    from vault.pickup.helping import CannotHelp

    try:
        yield
    except CannotHelp as error:
        raise InputError(error.private, public=error.public) from error


def one(grant: str) -> PickupGrant:
    """The pick-up of that name. Raises :class:`InputError`."""
    from vault.models import PickupGrant

    row = PickupGrant.objects.filter(pk=grant.strip().upper()).first()
    if row is None:
        raise InputError("no grant", public=f"No pick-up is called {grant}; see `sallyport pickup list`.")
    return row


def standing_of(row: PickupGrant, settings: Settings, now: datetime) -> Standing:
    """Whether it opens now."""
    from gateway.bootstrap import build_rules
    from register.lookup import DatabaseRegister
    from vault.pickup.grants import stands

    return stands(
        row, DatabaseRegister(settings.service.domains, settings.service.subaddress).circle, build_rules(settings), now
    )


def _rows(to: str) -> list[PickupGrant]:
    from vault.models import PickupGrant

    chosen = {"recipient": to.strip().lower()} if to else {}
    return list(PickupGrant.objects.filter(**chosen).order_by("made_at", "pk"))


def _stands(standing: Standing) -> str:
    if standing.ending is None:
        return "open"
    return f"closed: {standing.ending}" + (f" ({', '.join(standing.rules)})" if standing.rules else "")


def _as_json(row: PickupGrant, standing: Standing, said: str) -> dict[str, object]:
    return {
        "grant": row.id,
        "record": row.record,
        "made_at": row.made_at.isoformat(),
        "until": row.until.isoformat(),
        "from": row.sender,
        "to": row.recipient,
        "open": standing.open,
        "rules": list(standing.rules),
        "so_far": said,
    }
