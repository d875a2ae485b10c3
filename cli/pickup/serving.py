"""The pick-up process: a web server of its own, with settings, key and database role of its own."""

from __future__ import annotations

from ipaddress import ip_address

from cli.frame import command, framed
from config.sections.pickup import PickupSettings
from config.settings import Settings
from domain.errors import ConfigurationError

_CONNECTIONS = 256


@command
def serve() -> None:
    """Serve the pages where mail is picked up, until Ctrl-C or SIGTERM. docs/pickup.md describes them."""
    settings = framed(module="config.pickup")
    _refuse(settings)
    try:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces, SSLProtocols
        from granian.http import HTTP1Settings
        from granian.log import LogLevels
    except ImportError:
        raise ConfigurationError("granian", public="The web server is not installed: the package granian.") from None
    chosen = settings.pickup
    server = Granian(
        "cli.pickup.asgi:application", chosen.host, chosen.port, interface=Interfaces.ASGINL, websockets=False,
        backpressure=_CONNECTIONS, http1_settings=HTTP1Settings(header_read_timeout=10_000), log_access=False,
        http=HTTPModes.http1,
        ssl_cert=settings.at_home(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=settings.at_home(chosen.tls_key) if chosen.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12, respawn_failed_workers=True, workers_kill_timeout=30,
        log_level=LogLevels.error,
    )  # fmt: skip
    server.on_startup(lambda: print(f"Mail is picked up at {chosen.address}", flush=True))
    server.serve()


def _refuse(settings: Settings) -> None:
    from cli.pickup.asgi import identities

    chosen = settings.pickup
    if not chosen.recipient:
        public = "Nothing can be picked up here: set pickup.recipient and pickup.address (docs/pickup.md)."
        raise ConfigurationError("no pick-up", public=public)
    if not _safe(chosen):
        public = "The pages would listen without TLS; set pickup.tls_certificate and pickup.tls_key, or pickup.proxies."
        raise ConfigurationError("no TLS", public=public)
    if chosen.show_codes and chosen.address.startswith("https://"):
        public = "pickup.show_codes prints codes; it is for trying things out at http://127.0.0.1 alone."
        raise ConfigurationError("codes shown", public=public)
    identities(settings)


def _safe(chosen: PickupSettings) -> bool:
    """Beyond this machine there is TLS, ours or a proxy's that we were told of."""
    try:
        here = chosen.host == "localhost" or ip_address(chosen.host).is_loopback
    except ValueError:
        here = False
    return here or chosen.tls_certificate is not None or bool(chosen.proxies)
