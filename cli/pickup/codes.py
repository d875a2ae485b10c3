"""``sallyport pickup code``, ``contact``: how somebody without a key proves that it is them."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.account import account
from cli.frame import InputError, command, framed, mailbox
from cli.looking import looked

_E164 = re.compile(r"\+[1-9]\d{7,14}")
_SHORTEST = 12


@command
def code(
    grant: Annotated[str, typer.Argument(metavar="GRANT", help="As `sallyport pickup list` shows it.")],
    why: Annotated[str, typer.Option(help="How you made sure who rings; it goes to the audit trail with your name.")],
) -> None:
    """A code to read out on the telephone. It counts ten minutes, once; codes sent before count no more."""
    settings = framed()
    from cli.pickup.asgi import code_key
    from cli.pickup.grants import helping, one, standing_of
    from gateway.clock import SystemClock
    from vault.pickup.helping import read_out
    from vault.pickup.trying import Codes

    row, now = one(grant), SystemClock().now()
    with helping():
        print(read_out(row, standing_of(row, settings, now), Codes(code_key(settings)), account(), why, now))


@command
def contact(
    address: Annotated[str, typer.Argument(help="The recipient's e-mail address.")],
    mobile: Annotated[str | None, typer.Option(help="A mobile number for codes; empty takes it away.")] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Agree a passphrase; it is asked for.")] = False,
    no_passphrase: Annotated[bool, typer.Option("--no-passphrase", help="Take the passphrase away.")] = False,
    forget: Annotated[bool, typer.Option("--forget-devices", help="No device is remembered any more.")] = False,
) -> None:
    """Record how somebody proves that it is them: a mobile number, a passphrase. Without options, show it."""
    framed()
    from gateway.clock import SystemClock
    from vault.models import PickupContact
    from vault.pickup.devices import forget_devices, remembered
    from vault.pickup.trying import kept_passphrase

    key = mailbox(address).key
    row = PickupContact.objects.filter(address=key).first() or PickupContact(address=key)
    changed = []
    if mobile is not None:
        row.mobile = number(mobile)
        changed.append("mobile")
    if passphrase or no_passphrase:
        row.passphrase = kept_passphrase(_asked()) if passphrase else ""
        changed.append("passphrase")
    if forget or changed:  # a number changes where a telephone was lost: what was let in by it comes in no more
        changed.append("devices")
        forget_devices(key)
    if changed:
        looked("pick-up contact changed", recipient=key, changed=changed)
        row.changed_at = SystemClock().now()
        row.save()
    ends = f"a mobile number that ends in {row.mobile[-2:]}" if row.mobile else "no mobile number"
    devices = len(remembered(key, SystemClock().now()))
    print(f"{key}: {ends}; {'a passphrase' if row.passphrase else 'no passphrase'}; {devices} devices remembered")


def number(text: str) -> str:
    """In E.164; a British number may be written as people write it."""
    bare = "".join(c for c in text if c.isdigit() or c == "+")
    number = f"+44{bare[1:]}" if bare.startswith("07") else bare
    if number and not _E164.fullmatch(number):
        raise InputError(
            "mobile", public=f"'{text}' is not a mobile number; write it as 07700 900123 or +447700900123."
        )
    return number


def _asked() -> str:
    given: str = typer.prompt("Passphrase, three words or more", hide_input=True, confirmation_prompt=True)
    if len(given.strip()) < _SHORTEST or len(given.split()) < 3:  # noqa: PLR2004 - as the question says
        public = f"A passphrase has three words or more, and {_SHORTEST} letters at least."
        raise InputError("passphrase", public=public)
    return given
