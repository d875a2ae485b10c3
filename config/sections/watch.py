"""Settings of what is seen from outside (docs/watching.md)."""

from __future__ import annotations

from pydantic import Field

from config.sections.section import LAST_PORT, Section

_Port = Field(default=None, ge=1, le=LAST_PORT)


class WatchSettings(Section):
    """Metrics, health and traces. Each program has a port of its own; unset, it serves none."""

    host: str = "127.0.0.1"
    """The address of all these ports. Whoever reaches it reads how many mails go, and nobody's name."""
    relay: int | None = _Port
    """`sallyport relay`; its processes share it."""
    web: int | None = _Port
    """`sallyport web`."""
    worker: int | None = _Port
    """`sallyport worker`; what waits is among its numbers."""
    pickup: int | None = _Port
    """`sallyport pickup serve`."""
    traces: str = ""
    """Where spans of the ten steps go, by OTLP over HTTP: http://collector:4318/v1/traces. Unset: nowhere."""
