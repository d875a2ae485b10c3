"""What the reckoning needs to know of people, from outside the vault."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from domain.retention_reckoning import Life


class Lives(Protocol):
    """The register's side of people's lives: placements, leaving, death. ``cli/jobs/retention.py`` brings it."""

    def of(self, people: Collection[str]) -> Mapping[str, Life]:
        """By reference, without contacts; who is not in the register is left out. Raises ``RegisterUnavailable``."""
        ...
