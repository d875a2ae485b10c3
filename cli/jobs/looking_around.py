"""The worker looks at the parts outside as ``sallyport check`` does, and proves the newest of the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.settings import Settings
from domain.errors import SealBroken

_SINCE = timedelta(days=2)


def look_at_parts(settings: Settings, now: datetime) -> None:
    """Each line, without what is for the log, for the page of operations."""
    from cli.check import LOOKS
    from cli.looks.line import safely
    from vault.operations import note_parts

    note_parts([line for look in LOOKS for line in safely(look, settings, private=False)], now)


def verify_log(settings: Settings, now: datetime) -> None:
    """The last days, against the checkpoints in the store. Raises ``SealBroken`` where something is wrong."""
    from cli.audit.verifying import run

    report = run(settings, now - _SINCE, from_store=True, quiet=True)
    if not report.good:
        raise SealBroken("audit log", findings=len(report.findings))
