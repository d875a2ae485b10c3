"""What the breach team's pages are given. No key that opens a record is among it."""

from __future__ import annotations

from domain.model import folded
from gateway.bootstrap import build_keyed
from web.console.breach.parts import Parts


def build() -> Parts:
    """By the settings of this process. Raises ``ConfigurationError`` for an index key that is none."""
    from config.django import SETTINGS

    domains = tuple(folded(d) for d in SETTINGS.service.domains)
    return Parts(build_keyed(SETTINGS), SETTINGS.vault.masters, domains)
