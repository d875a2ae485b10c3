"""Every few seconds: events get their places in the audit log; each minute at the most the log is signed and stored."""

from __future__ import annotations

from datetime import datetime

from cli.audit import built
from config.settings import Settings
from gateway.bootstrap import build_store
from vault.merkle.publishing import Publisher
from vault.merkle.sequencing import integrate


def run(settings: Settings, now: datetime) -> None:
    """Raises what the job's errors are; the worker logs them and comes again."""
    integrate(now)
    publisher(settings).publish(now)


def publisher(settings: Settings) -> Publisher:
    """Who signs, and where it is stored. Raises ``ConfigurationError`` without a key."""
    return Publisher(
        build_store(settings),
        built.signer(settings),
        built.origin(settings),
        settings.audit.lock,
        built.every(settings),
    )
