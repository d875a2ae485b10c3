"""Whose account runs this command. It stands in the audit trail, and the rule of two people rests on it."""

from __future__ import annotations

import os
import pwd


def account() -> str:
    """``cli:`` and the operating system's name for the user number of this process.

    Not what ``USER`` or ``LOGNAME`` say, which anybody may set: who approves twice would only have to say another name.
    """
    number = os.getuid()
    try:
        return f"cli:{pwd.getpwuid(number).pw_name}"
    except KeyError:  # a container's user has no name
        return f"cli:uid-{number}"
