"""``sallyport audit key``: a key that signs checkpoints, for the worker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.frame import InputError, command, framed


@command
def key(
    file: Annotated[Path, typer.Argument(help="Where to write the private key; it must not exist yet.")],
) -> None:
    """Make a key that signs the audit log's checkpoints. Only the worker needs it; keep it away from the relay."""
    settings = framed()
    from cli.audit.built import origin
    from cli.setting_up import make_log_key

    try:
        public = make_log_key(file, origin(settings))
    except OSError as error:
        raise InputError("key file", public=f"The file {file} cannot be written, or exists already.") from error
    print(f'The private key is in {file}. In the settings, under [audit], set: key = "{file}"')
    print(f"and add this line to public_keys there; keep the lines that are there already:\n{public}")
    print("Give the same line to everybody who is to check the log: witnesses, inspectors, receivers of exports.")
