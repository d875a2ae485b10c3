"""The audit log as the sweep needs it, from the settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from config.settings import Settings
from domain.errors import ConfigurationError

if TYPE_CHECKING:  # models exist only once Django is ready
    from vault.reconcile.filed_log import FiledLog


def build_filed_log(settings: Settings, now: datetime) -> FiledLog | None:
    """None where no log is kept: then nothing can be proven by it."""
    from cli.audit import built
    from gateway.bootstrap import build_store
    from vault.merkle.heads import Trust
    from vault.reconcile.filed_log import FiledLog

    grace = timedelta(hours=settings.audit.witness_hours)
    try:
        trust = Trust(built.origin(settings), built.log_keys(settings), built.witnesses(settings), grace)
    except ConfigurationError:
        return None
    return FiledLog(build_store(settings), trust, settings.audit.late, now)
