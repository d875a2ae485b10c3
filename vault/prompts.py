"""What an age plug-in, or a protected identity file, asks of a person: a PIN, a touch, a passphrase.

A plug-in is a program of its own (``age-plugin-NAME``; C2SP age-plugin) that asks through whoever started it.
The methods are the ones that ``pyrage`` calls. None of them may raise: the library would end the process.
"""

from __future__ import annotations

from typing import Protocol


class Prompts(Protocol):
    """Asks a person. ``None`` says that nobody could be asked, or that nobody answered."""

    def display_message(self, message: str) -> None:
        """Such as: touch the key."""
        ...

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:
        """Whether the person chose ``yes_string``."""
        ...

    def request_public_string(self, description: str) -> str | None:
        """What may be seen while it is typed."""
        ...

    def request_passphrase(self, description: str) -> str | None:
        """What may not: a PIN or a passphrase."""
        ...


class Nobody:
    """Where nobody can be asked: in services, jobs and most tests."""

    def display_message(self, message: str) -> None:
        """Seen by nobody."""

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:  # noqa: ARG002 - the port's
        """No answer."""
        return None

    def request_public_string(self, description: str) -> str | None:  # noqa: ARG002 - the port's
        """No answer."""
        return None

    def request_passphrase(self, description: str) -> str | None:  # noqa: ARG002 - the port's
        """No answer."""
        return None


NOBODY = Nobody()
