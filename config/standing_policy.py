"""The policy as its file says at this moment, for processes that stay: read anew when the file is another.

A file that cannot be used lets nothing happen that asks it (``TryAgain``) until it can: a slip while somebody edits it
closes doors, and opens none.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from config import policy
from domain.errors import ConfigurationError, TryAgain
from domain.rules import Rules


def rules_of(path: Path) -> Rules:
    """Of this moment. Raises ``TryAgain``."""
    try:
        seen = path.stat()
        return _read(path, seen.st_mtime_ns, seen.st_ino)
    except (OSError, ConfigurationError) as error:
        raise TryAgain("the policy file cannot be used", error=type(error).__name__) from error


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _file: int) -> Rules:
    return policy.load(path)
