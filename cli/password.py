"""``sallyport password NAME``: a line for the file of those who may send after AUTH (``relay.users_file``)."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.frame import InputError, command

_SHORTEST = 12


@command
def password(
    name: Annotated[str, typer.Argument(help="The user name that the mail server will log in with.")],
    secret: Annotated[
        str,
        typer.Option(
            "--password", prompt="Password", hide_input=True, confirmation_prompt=True, help="Asked for if not given."
        ),
    ],
) -> None:
    """Print a line for the users file: the name and a scrypt hash, never the password."""
    from gateway.smtp.passwords import hash_password

    if not name or ":" in name or not name.isprintable():
        raise InputError("user name", public="The name must not be empty and must not hold a colon.")
    if len(secret) < _SHORTEST:
        raise InputError("short password", public=f"The password must have at least {_SHORTEST} characters.")
    print(f"{name}:{hash_password(secret)}")
