"""Asks on the terminal what an age plug-in, or a protected identity file, needs of a person."""

from __future__ import annotations

import getpass
import os
import sys
from contextlib import suppress


class Terminal:
    """Implements ``vault.prompts.Prompts``. Without a terminal nobody is asked, and nothing waits for an answer."""

    def display_message(self, message: str) -> None:
        """On standard error: what comes out of a command may go into a file."""
        with suppress(OSError):
            print(_plain(message), file=sys.stderr, flush=True)

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:
        """Only the word itself, or its first letter, is a yes."""
        answer = self._line(f"{message} [{yes_string}/{no_string or 'no'}]")
        if answer is None:
            return None
        return answer.strip().casefold() in {yes_string.casefold(), yes_string[:1].casefold()}

    def request_public_string(self, description: str) -> str | None:
        """Shown while it is typed."""
        return self._line(description)

    def request_passphrase(self, description: str) -> str | None:
        """Not shown. Read from the terminal itself, never from standard input."""
        if not _has_terminal():
            return None
        try:
            return getpass.getpass(f"{_plain(description)}: ") or None
        except (EOFError, KeyboardInterrupt, OSError):
            return None

    def _line(self, question: str) -> str | None:
        try:
            with open("/dev/tty", "r+b", buffering=0) as terminal:  # noqa: PTH123 - a device, not a file
                terminal.write(f"{_plain(question)}: ".encode())
                answer = b""
                while not answer.endswith(b"\n") and (piece := terminal.read(1)):
                    answer += piece
        except (KeyboardInterrupt, OSError):
            return None
        return answer.decode("utf-8", "replace").strip() if answer else None


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _plain(text: str) -> str:
    """A plug-in's words without what could steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text).strip()
