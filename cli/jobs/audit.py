"""Every few seconds: events get their places in the audit log; each minute at the most the log is signed and stored."""

from __future__ import annotations

from datetime import datetime

import structlog

from cli.audit import built
from cli.audit.asking import countersigning
from config.settings import Settings
from domain.errors import SallyportError
from gateway.bootstrap import build_store
from vault.merkle.publishing import Publisher
from vault.merkle.sequencing import integrate

_LOG = structlog.get_logger("audit")


def run(settings: Settings, now: datetime) -> None:
    """Raises what the job's errors are; the worker logs them and comes again."""
    if not integrate(now).whole or settings.audit.key is None:
        return  # `sallyport check` says that nothing is signed
    publisher(settings).publish(now)


def ask_witnesses(settings: Settings, now: datetime) -> None:
    """Those who answer by HTTP, and have not signed the newest checkpoint. One that is away is asked again next time.

    `sallyport audit verify` tells when a witness is late.
    """
    for row, witness in zip(settings.audit.witnesses, built.witnesses(settings), strict=True):
        if row.url:
            try:
                countersigning(settings).ask(witness, row.url, now)
            except SallyportError as error:
                reason = {"error": type(error).__name__, "reason": error.private, "fields": error.fields}
                _LOG.warning("not countersigned", witness=witness.name, **reason)


def publisher(settings: Settings) -> Publisher:
    """Who signs, and where it is stored. Raises ``ConfigurationError`` without a key."""
    return Publisher(
        build_store(settings),
        built.signer(settings),
        built.origin(settings),
        settings.audit.lock,
        built.every(settings),
    )
