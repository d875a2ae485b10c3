"""All that is due, wherever it is kept: reviews and training, access requests, partings, recipients' keys, ours."""

from __future__ import annotations

from datetime import datetime

from cli.access.due import requests_due
from cli.leaving.due import leavings_due
from config.settings import Settings
from domain.due import Due
from domain.rules import Rules


def every_due(settings: Settings, now: datetime, rules: Rules) -> list[Due]:
    """In no order."""
    from gateway.expiring import own_keys, recipients_keys
    from register import due

    return [*due.read(now, rules), *requests_due(now), *leavings_due(now), *recipients_keys(now), *own_keys(settings)]
