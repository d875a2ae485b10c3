"""``sallyport keys find``: whether a recipient's domain publishes a key for them (Web Key Directory)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError, command, framed, mailbox
from cli.looking import looked
from domain.errors import ConfigurationError
from domain.model import Address, folded


@command
def find(
    address: Annotated[str, typer.Argument(help="The recipient's e-mail address.")],
    out: Annotated[Path, typer.Option(help="Where to write what was found; a file that is not there yet.")],
) -> None:
    """Ask the recipient's domain for their OpenPGP key. It is written to a file, and recorded by `keys add` alone."""
    settings = framed()
    if not settings.keys.wkd:
        public = "Keys are not looked for: keys.wkd is off in the settings."
        raise ConfigurationError("wkd is off", public=public)
    from gateway.fetching import Fetcher, FetchFailed
    from gateway.partners.wkd import MOST_OCTETS
    from gateway.partners.wkd import find as ask
    from gateway.protect.inspection import inspect

    who = mailbox(address)
    looked("recipient key looked for", address=who.key)
    try:
        data = ask(Address.of(address), Fetcher(octets=MOST_OCTETS, https_only=True))
    except FetchFailed as error:
        public = f"The domain of {who.key} publishes no key for it that can be had now ({error})."
        raise InputError("wkd", public=public) from error
    found = [seen for seen in inspect(data) if who.key in {folded(a) for a in seen.addresses}]
    if not found:
        raise InputError("wkd", public=f"What the domain publishes is no key that bears {who.key}.")
    with out.open("xb") as file:
        file.write(b"".join(seen.stored.data for seen in found))
    for seen in found:
        print(f"Found: {seen.stored.fingerprint} of {seen.holder}")
    print(
        f"Ring the recipient on a number that you know, and compare the long number. "
        f"If it is the same: sallyport keys add {out} --for {who.key}"
    )
