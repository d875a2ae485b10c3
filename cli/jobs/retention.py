"""Retention by the clock: the register's facts joined to the vault's records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from config.settings import Settings
from domain.retention_reckoning import Life

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.retention import Retention


class RegisterLives:
    """Implements ``vault.retention.Lives`` over the register's tables."""

    def of(self, people: Collection[str]) -> Mapping[str, Life]:
        """See the port."""
        from register import care

        return care.lives(people)


def build_retention(settings: Settings) -> Retention:
    """What has run out, by the present schedule and register. Raises ``ConfigurationError``."""
    from config import retention
    from vault.retention import Retention

    return Retention(RegisterLives(), retention.load(settings.retention_file))
