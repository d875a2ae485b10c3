"""Whose account runs this command. It stands in the audit trail, and the rule of two people rests on it."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

LOGIN = Path("/proc/self/loginuid")
"""The user number that logged in, which Linux keeps through ``su`` and ``sudo`` (audit; proc_pid_loginuid(5))."""
_UNSET = 0xFFFFFFFF


def account() -> str:
    """``cli:`` and the operating system's name for whoever logged in; where nobody did, for this process's user number.

    Not what ``USER`` or ``LOGNAME`` say, which anybody may set, and not whom ``sudo -u`` made of them: who approves
    twice would only have to say another name.
    """
    number = _logged_in()
    number = os.getuid() if number is None else number
    try:
        return f"cli:{pwd.getpwuid(number).pw_name}"
    except KeyError:  # a container's user has no name
        return f"cli:uid-{number}"


def _logged_in() -> int | None:
    """None for a service, in a container, and where the system does not keep it."""
    try:
        number = int(LOGIN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return None if number == _UNSET else number
