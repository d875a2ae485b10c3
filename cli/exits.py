"""Exit codes, so that scripts can tell what went wrong. ``docs/command-line.md`` lists them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """0, 2 and 130 are the shell's own conventions."""

    OK = 0
    UNEXPECTED = 1  # a fault of ours; the log has it
    USAGE = 2  # the command was written wrongly
    CONFIGURATION = 3  # settings, policy or retention cannot be used
    UNAVAILABLE = 4  # the database, the vault, the next hop or a worker does not answer
    INPUT = 5  # the given file cannot be read or used
    CHECK_FAILED = 6  # `check` or `audit verify` found something wrong, a witness refuses
    KEY = 7  # a key cannot be used, or does not open what it should
    INTERRUPTED = 130  # Ctrl-C: 128 and the signal's number
