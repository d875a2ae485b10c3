"""``sallyport demo``: the whole way with real files, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError, command


@command
def demo(
    once: Annotated[bool, typer.Option("--once", help="Send the sample mails, show the table, and end.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its settings, keys and data.")] = Path(".demo"),
    port: Annotated[
        int, typer.Option(min=1, max=65531, help="The relay's port; the demo takes the four above it, too.")
    ] = 2525,
) -> None:
    """Set up a sample service, send real mails through a real relay, and show what left."""
    if folder.exists() and not folder.is_dir():
        raise InputError("demo folder", public=f"{folder} is not a folder; name another with --folder.")
    from demo.run import run

    raise typer.Exit(run(folder, port=port, once=once))
