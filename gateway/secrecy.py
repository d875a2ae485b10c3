"""What this process holds in memory stays there: no core file, and no look inside by others of the same account.

Mail in plain text and the signing keys are in the relay's memory. A crash must not write them to
a disk (a core file outlives the mail), and another program of the same account must not read them by
``ptrace`` or ``/proc``. Linux; elsewhere only the core file is refused.
"""

from __future__ import annotations

import ctypes
import resource
import sys

from domain.errors import ConfigurationError

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def no_core_file() -> None:
    """For this process and those that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def seal_memory() -> None:
    """For this process, and as far as core files go for those that it starts. Raises ``ConfigurationError``."""
    no_core_file()
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise ConfigurationError(
            "prctl", public=f"The system does not let the relay keep its memory to itself (error {ctypes.get_errno()})."
        )
