"""The relay's ports and mails, watched, where anybody wants to look."""

from __future__ import annotations

from config.settings import Settings
from gateway.pipeline import Ports
from gateway.smtp.house import Unwatched, Watch
from vault.operations import not_ready
from watch.serving import serve
from watch.traces import tracer


def watching(settings: Settings, ports: Ports) -> tuple[Ports, Watch]:
    """In the process that does the work, once it is forked. Raises ``ConfigurationError`` for a port that is taken."""
    chosen = settings.watch
    if chosen.relay is None and not chosen.traces:
        return ports, Unwatched()
    from gateway.watched import Watched, watched
    from watch.steps import Steps

    steps = Steps(tracer(chosen.traces, "relay"))
    if chosen.relay is not None:
        serve(chosen.host, chosen.relay, not_ready)
    return watched(ports, steps), Watched(steps)
