"""``sallyport relay``: the gateway itself, until it is told to stop."""

from __future__ import annotations

from cli.frame import command, framed


@command
def relay() -> None:
    """Take mail in, decide, protect, file, and hand on. Stops cleanly on Ctrl-C or SIGTERM."""
    settings = framed()
    from gateway import logs
    from watch.serving import share_numbers

    if settings.watch.relay is not None:
        share_numbers()  # before anything counts
    from gateway.bootstrap import run_relay

    logs.set_up()
    run_relay(settings)
