"""What ``sallyport classifier correct`` and ``learn`` share: a document's words, kept with their right class."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError
from domain.model import Category

Into = Annotated[Path, typer.Option(help="The folder of labelled files; it goes into `corrections` in it.")]
Why = Annotated[str, typer.Option(help="Why, for whoever trains; it stands in the file and in the audit log.")]
Kinds = Annotated[
    list[Category] | None, typer.Option("--class", help="What it is (repeat for two); none: not confidential.")
]


def reasoned(why: str) -> None:
    """Raises :class:`InputError` where nothing is said."""
    if not why.strip():
        raise InputError("why", public="Say why with --why: whoever trains with it must be able to judge it.")


def keep(into: Path, text: str, classes: Collection[Category], why: str, *, record: str = "", **more: object) -> None:
    """Write it, the audit trail first, and say where. Raises :class:`InputError`, ``VaultUnavailable``."""
    from cli.looking import looked, who
    from gateway.clock import SystemClock
    from vault.held.lessons import LABELLED

    kinds = " ".join(sorted(classes))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    head = f"Classes: {kinds}\nKind: correction\nTitle: {' '.join(why.split())}\nBy: {who()}\n"
    looked(LABELLED, record=record, why=why, classes=kinds or "not confidential", text=digest, **more)
    kept = into / "corrections" / f"{SystemClock().now():%Y-%m-%d}-{digest}.txt"
    write_label(kept, f"{head}\n{text}")
    print(f"{kept} says that it is {kinds or 'not confidential'}. Keep it as you keep the document: it holds its text.")
    print("It counts when somebody trains: sallyport classifier train --labelled ...")


def write_label(path: Path, text: str) -> None:
    """A new file that only its owner can read, out of git's sight. Raises :class:`InputError`."""
    from cli.setting_up import write_secret

    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (path.parent / ".gitignore").write_text("*\n", encoding="ascii")
        path.unlink(missing_ok=True)
        write_secret(path, text.encode())
    except OSError as error:
        raise InputError("folder", public=f"The folder {path.parent} cannot be written.") from error
