"""``sallyport remind``: one mail a week to each officer about what is due. For cron, every day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.dues import every_due
from cli.frame import command, framed
from config import policy
from config.settings import Settings
from domain.due import digests
from domain.errors import NextHopUnavailable
from domain.model import Address

if TYPE_CHECKING:
    from gateway.digest import Digest, Dues


@command
def remind(
    dry_run: Annotated[bool, typer.Option(help="Print the mails, and send nothing.")] = False,
) -> None:
    """Send each officer once a week what is due for their people; the office what is overdue. Safe to run daily."""
    settings = framed()
    from gateway.clock import SystemClock

    now = SystemClock().now()
    planned = _planned(settings, now)
    if dry_run:
        _print(planned, _digest(settings))
        return
    sent = send_due(settings, now)
    print(f"{sent} reminders were sent; {len(planned) - sent} had theirs this week already.")


def send_due(settings: Settings, now: datetime) -> int:
    """Send what was not sent yet this week; how many. Raises ``NextHopUnavailable`` if some could not be."""
    from gateway.bootstrap import build_next_hop
    from gateway.digest import send

    hop = build_next_hop(settings)
    try:
        sent, failed = send(_planned(settings, now), _digest(settings), hop, now)
    finally:
        hop.close()
    if failed:
        public = f"{sent} reminders were sent and {failed} could not be; run it again later."
        raise NextHopUnavailable("reminders", public=public)
    return sent


def _digest(settings: Settings) -> Digest:
    from gateway.digest import Digest

    s = settings.service
    return Digest(s.name, s.address, s.phone, settings.relay.hostname)


def _planned(settings: Settings, now: datetime) -> Mapping[str, Dues]:
    every = every_due(settings, now, policy.load(settings.policy_file))
    office, management = Address.of(settings.service.address), settings.service.management
    return digests(every, now, office.key, [Address.of(m).key for m in management])


def _print(planned: Mapping[str, Dues], digest: Digest) -> None:
    for recipient, told in planned.items():
        print(f"To: {recipient}\nSubject: {digest.subject(told)}\n\n{digest.text(told)}\n")
    if not planned:
        print("Nothing is due.")
