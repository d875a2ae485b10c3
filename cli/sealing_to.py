"""Whom a bundle is sealed to, as typed: age keys, an OpenPGP certificate, or a passphrase that is made here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError
from config.settings import Settings
from domain.errors import UnusableKey

if TYPE_CHECKING:
    from vault.export.outgoing import Receiver

AgeKeys = Annotated[list[str] | None, typer.Option("--to", help="An age recipient, age1... (repeat), or an SSH key.")]
OpenPGPKey = Annotated[Path | None, typer.Option("--to-pgp", help="The receiver's OpenPGP certificate, a file.")]
Passphrase = Annotated[bool, typer.Option("--passphrase", help="Make a passphrase, to be told by another way.")]


def receiver_of(
    settings: Settings, age: list[str] | None, pgp: Path | None, *, passphrase: bool
) -> tuple[Receiver, str]:
    """The receiver, and the passphrase if one was made. Exactly one way is asked for. Raises :class:`InputError`."""
    from vault.export.outgoing import ToAgeKeys, ToPassphrase, new_passphrase

    if sum((bool(age), pgp is not None, passphrase)) != 1:
        public = "Say whom it is sealed to: --to age1... (repeat for more), or --to-pgp FILE, or --passphrase."
        raise InputError("receiver", public=public)
    if age:
        return ToAgeKeys(age), ""
    if pgp is not None:
        return _openpgp(settings, pgp), ""
    secret = new_passphrase()
    return ToPassphrase(secret), secret


def say_passphrase(secret: str) -> None:
    """Once, and nowhere else."""
    if secret:
        print(f"Passphrase, shown this once: {secret}")
        print("Tell it by telephone or by hand, never in the mail that brings the file.")


def _openpgp(settings: Settings, file: Path) -> Receiver:
    """Through the gate which every use of a certificate passes."""
    from domain.decision import Method
    from gateway.bootstrap import build_protectors
    from gateway.clock import SystemClock
    from gateway.protect.inspection import inspect
    from vault.export.outgoing import ToOpenPGP

    try:
        found = [seen for seen in inspect(file.read_bytes()) if seen.stored.method is Method.OPENPGP]
    except OSError as error:
        raise InputError("key file", public=f"The file {file} cannot be read.") from error
    gates = [p for p in build_protectors(settings) if p.method is Method.OPENPGP]
    if len(found) != 1:
        raise InputError("no key", public=f"The file {file} must hold one OpenPGP certificate; it holds {len(found)}.")
    if not gates:
        raise InputError(
            "no gate", public="There is no OpenPGP signing key in the settings, so such keys cannot be used."
        )
    verdict = gates[0].examine(found[0].stored, SystemClock().now())
    if not verdict.usable:
        raise UnusableKey("gate", public=f"This key cannot be used: {verdict.reason}.")
    return ToOpenPGP(found[0].stored.data)
