"""Logs: JSON lines on standard error. Never message text, names, addresses or keys; a message is an id."""

from __future__ import annotations

import sys

import structlog


def set_up() -> None:
    """One JSON object a line, with time and level."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
