"""Every few seconds: events get their places in the audit log; each minute at the most the log is signed and stored."""

from __future__ import annotations

from datetime import datetime

import structlog

from cli.audit import built
from cli.audit.asking import countersigning
from config.settings import Settings
from domain.errors import SallyportError
from gateway.bootstrap import build_store
from vault.merkle.note import Verifier
from vault.merkle.publishing import Publisher
from vault.merkle.sequencing import integrate

_LOG = structlog.get_logger("audit")


def run(settings: Settings, now: datetime) -> None:
    """Raises what the job's errors are; the worker logs them and comes again."""
    if not integrate(now).whole:
        return
    publisher(settings).publish(now)
    for row, witness in zip(settings.audit.witnesses, built.witnesses(settings), strict=True):
        if row.url:
            _ask(settings, witness, row.url, now)


def _ask(settings: Settings, witness: Verifier, url: str, now: datetime) -> None:
    """A witness that does not answer keeps nobody waiting but itself; `verify` tells when it is late."""
    try:
        countersigning(settings).ask(witness, url, now)
    except SallyportError as error:
        _LOG.warning("witness", name=witness.name, error=type(error).__name__, reason=error.private, **error.fields)


def publisher(settings: Settings) -> Publisher:
    """Who signs, and where it is stored. Raises ``ConfigurationError`` without a key."""
    return Publisher(
        build_store(settings),
        built.signer(settings),
        built.origin(settings),
        settings.audit.lock,
        built.every(settings),
    )
