"""Where time comes into the web: the only place here that reads the clock."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """Aware, UTC."""
    return timezone.now()
