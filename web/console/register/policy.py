"""The policy as the relay decides by it, read anew when the file changes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from config import policy
from config.django import SETTINGS
from domain.rules import Rules


def rules() -> Rules:
    """Raises ``ConfigurationError`` for a file that cannot be used."""
    return _read(SETTINGS.policy_file, SETTINGS.policy_file.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, _changed: int) -> Rules:
    return policy.load(path)
