"""The policy as the relay decides by it, read anew when the file changes."""

from __future__ import annotations

from config import standing_policy
from config.django import SETTINGS
from domain.rules import Rules


def rules() -> Rules:
    """Raises ``TryAgain`` for a file that cannot be used."""
    return standing_policy.rules_of(SETTINGS.policy_file)
