"""``sallyport demo``: the whole way with real files, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import command


@command
def demo(
    once: Annotated[bool, typer.Option("--once", help="Send the sample mails, show the table, and end.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its settings, keys and data.")] = Path(".demo"),
    port: Annotated[int, typer.Option(help="The relay's port.")] = 2525,
) -> None:
    """Set up a sample service, send a dozen real mails through a real relay, and show what left."""
    from demo.run import run

    raise typer.Exit(run(folder, port=port, once=once))
