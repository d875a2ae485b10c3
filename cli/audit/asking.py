"""Our side of a witness by files: what to send them, and what to do with what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.frame import InputError, command, framed
from config.settings import Settings

if TYPE_CHECKING:
    from vault.merkle.countersigning import Countersigning
    from vault.merkle.note import Verifier


@command
def request(
    witness: Annotated[str, typer.Argument(help="The witness's name, as in [[audit.witnesses]].")],
    old: Annotated[
        int | None, typer.Option(min=0, help="The size that it signed last, if it says that ours is wrong.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The request's file; else it is printed.")] = None,
) -> None:
    """Make a request to a witness: the newest checkpoint, and the proof that it holds all that the witness signed."""
    settings = framed()
    from vault.merkle.proofs import NoSuchCheckpoint

    try:
        text = countersigning(settings).request(_named(settings, witness), old).text()
    except NoSuchCheckpoint as error:
        raise InputError(error.private, public=error.public) from error
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("out", public=f"The file {out} cannot be written.") from error
    print(f"Send {out} to {witness}; there: sallyport audit witness {out} --key ... --log ...")


@command
def accept(file: Annotated[Path, typer.Argument(help="What the witness sent back.")]) -> None:
    """Add a witness's signature to its checkpoint, in the store and in the table."""
    settings = framed()
    from cli.audit.built import witnesses
    from gateway.clock import SystemClock

    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("signature", public=f"The file {file} cannot be read.") from error
    row = countersigning(settings).accept(lines, witnesses(settings), SystemClock().now())
    print(f"Added to the checkpoint of {row.size} events ({row.at:%Y-%m-%d %H:%M}).")


def countersigning(settings: Settings) -> Countersigning:
    """Built from the settings."""
    from cli.audit.built import origin
    from gateway.bootstrap import build_store
    from vault.merkle.countersigning import Countersigning

    return Countersigning(build_store(settings), origin(settings), settings.audit.lock)


def _named(settings: Settings, name: str) -> Verifier:
    from cli.audit.built import witnesses

    found = [w for w in witnesses(settings) if w.name == name]
    if not found:
        raise InputError(
            "witness", public=f"No witness is called {name}; [[audit.witnesses]] in the settings names them."
        )
    return found[0]
