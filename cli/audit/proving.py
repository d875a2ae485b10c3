"""``sallyport audit prove``, ``check-proof``, ``consistency`` and ``checkpoints``: the log shown to somebody else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.frame import InputError, command, framed
from domain.errors import SealBroken


@command
def prove(
    event: Annotated[int, typer.Argument(min=1, help="The event's number, as `sallyport audit list` shows it.")],
    out: Annotated[Path | None, typer.Option(help="The proof's file (.tlog-proof); else it is printed.")] = None,
) -> None:
    """Prove that an event is in the signed log, in one text file that needs nothing of ours to be checked."""
    framed()
    from vault.merkle.proofs import NoSuchEvent, inclusion

    try:
        text = inclusion(event).text()
    except NoSuchEvent as error:
        raise InputError(error.private, public=error.public) from error
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError("out", public=f"The file {out} cannot be written.") from error
    print(f"{out}: check it with `sallyport audit check-proof {out} --key ...`")


@command
def check_proof(
    file: Annotated[Path, typer.Argument(help="A proof, as `sallyport audit prove` makes it.")],
    key: Annotated[list[str], typer.Option(help="The log's public key: its line, or a file with it (repeat).")],
) -> None:
    """Check a proof against the log's public key. Needs no settings and no database."""
    from cli.audit.built import given
    from vault.merkle.proof import Proof

    try:
        proof = Proof.of(file.read_text(encoding="utf-8"))
        head = proof.check(given(key))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("proof", public=f"The file {file} cannot be read.") from error
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    signed = f" on {head.at:%d %B %Y at %H:%M:%S} UTC" if head.at else ""
    console.print(f"Proven: this is event {proof.index} (counted from 0) of the {head.size} in the log {head.origin},")
    console.print(f"whose root was signed{signed}.")
    for name, value in proof.event().items():
        console.print(f"  {name}: {value}")


@command
def consistency(
    old: Annotated[int, typer.Argument(min=0, help="An earlier checkpoint's size.")],
    new: Annotated[int, typer.Argument(min=0, help="A later checkpoint's size.")],
) -> None:
    """Prove that the log at one checkpoint begins with the whole log of an earlier one (RFC 9162 section 2.1.4)."""
    framed()
    from vault.merkle.proofs import NoSuchCheckpoint
    from vault.merkle.proofs import consistency as proof

    if old > new:
        raise InputError("sizes", public="The earlier checkpoint comes first: its size cannot be the larger one.")
    try:
        steps = proof(old, new)
    except NoSuchCheckpoint as error:
        raise InputError(error.private, public=error.public) from error
    except SealBroken as error:
        raise SealBroken(error.private, public=f"The log of {new} does not begin with that of {old}.") from error
    print(f"old {old}")
    print(f"new {new}")
    for step in steps:
        print(base64.b64encode(step).decode())


@command
def checkpoints(limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20) -> None:
    """The newest checkpoints: when, how many events, the root, who countersigned."""
    framed()
    from vault.merkle.note import Note
    from vault.models import AuditCheckpoint

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    rows = AuditCheckpoint.objects.order_by("-id")
    console.print(f"Newest of {rows.count()}: when, how many events, the root in hexadecimal, whose signatures")
    for row in rows[:limit]:
        names = ", ".join(s.name for s in Note.of(row.note).signatures)
        console.print(f"{row.at:%Y-%m-%d %H:%M:%S}  {row.size}  {row.root}  {names}")
