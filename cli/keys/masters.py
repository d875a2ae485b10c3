"""``sallyport keys new-master``, and what the commands share that are given masters' identities."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import pyrage
import typer

from cli.account import account
from cli.frame import InputError, command
from cli.prompts import Terminal
from config.settings import Settings
from domain.errors import ConfigurationError

Identities = Annotated[
    list[Path], typer.Option("--identity", "-i", help="A master's age identity file, also a plug-in's (repeat).")
]
Why = Annotated[str, typer.Option(help="The reason; it goes to the audit trail with your name.")]
_SHOWN = 20


def new_identity() -> tuple[str, str]:
    """A new age key pair (X25519): secret and public half."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


@command
def new_master(file: Annotated[Path, typer.Argument(help="Where to write the secret; it must not exist yet.")]) -> None:
    """Make a master key for the vault. Keep the file away from the relay: whoever has it can open the vault."""
    secret, public = new_identity()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError("master file", public=f"The file {file} cannot be written, or exists already.") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(f"# public key: {public}\n{secret}\n")
    print(f"The secret is in {file}. Move it to where only the records service (or the escrow) can reach it.")
    print(f"Put this line under [vault] masters in the settings: {public}")


def read_all(files: Sequence[Path]) -> list[Any]:
    """The identities of the files, asking on the terminal for what they need. Raises :class:`InputError`.

    From here on the process holds secrets, and soon what they open: it leaves no core file.
    """
    from gateway.secrecy import no_core_file
    from vault.identities import read_identities

    no_core_file()

    try:
        return [identity for file in files for identity in read_identities(file, Terminal())]
    except ConfigurationError as error:  # the file as it was given
        raise InputError(error.private, public=error.public) from error


def reason(why: str) -> str:
    """The same, if it is one. Raises :class:`InputError`."""
    if not why.strip():
        raise InputError("no reason", public="A reason is needed: --why goes to the audit trail with your name.")
    return why


def actor() -> str:
    """Who runs the command, for the audit trail."""
    return account()


def masters_of(settings: Settings) -> Any:
    """The masters of the settings. Raises ``ConfigurationError``."""
    from vault.masters import Masters

    return Masters(settings.vault.masters, Terminal())


def print_masters(recipients: Sequence[str], shown: Sequence[str]) -> None:
    """One line each."""
    for number, text in enumerate(recipients, start=1):
        short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        says = "the identities given open what is sealed to it" if text in shown else "not tried: no identity of it"
        print(f"master {number} of {len(recipients)}, {short}: {says}")
