"""``sallyport web`` and ``sallyport token``: the pages and the API, and which programs may call it."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cli.frame import InputError, command, framed
from cli.looking import looked
from config.sections.programs import WebSettings
from domain.errors import ConfigurationError

_CONNECTIONS = 256  # idle ones count; each may hold one body (web.max_body) in memory
tokens = typer.Typer(no_args_is_help=True, help="Tokens for programs that call the API.")


@command
def web() -> None:
    """Serve the pages (docs/console.md) and the API (docs/api.md), until Ctrl-C or SIGTERM."""
    settings = framed(pages=True)
    _refuse_the_open(settings.web)
    from web.api.hooks.kept import key_in

    key_in(settings.at_home(settings.web.webhook_key))  # refused now, and not when somebody asks to be told
    try:
        from granian import Granian
        from granian.constants import HTTPModes, Interfaces, SSLProtocols
        from granian.http import HTTP1Settings
        from granian.log import LogLevels
    except ImportError:
        raise ConfigurationError("granian", public="The web server is not installed: the package granian.") from None
    chosen = settings.web
    server = Granian(
        "cli.asgi:application", chosen.host, chosen.port, interface=Interfaces.ASGINL, websockets=False,
        backpressure=_CONNECTIONS, http1_settings=HTTP1Settings(header_read_timeout=10_000), log_access=False,
        http=HTTPModes.http1,  # where it is to find out the version it waits for the first bytes without end
        ssl_cert=settings.at_home(chosen.tls_certificate) if chosen.tls_certificate else None,
        ssl_key=settings.at_home(chosen.tls_key) if chosen.tls_key else None,
        ssl_protocol_min=SSLProtocols.tls12, respawn_failed_workers=True, workers_kill_timeout=30,
        log_level=LogLevels.error,
    )  # fmt: skip
    server.on_startup(lambda: _say_where(chosen))  # once the port is ours
    server.serve()


def _say_where(settings: WebSettings) -> None:
    """The one line that an operator needs; Granian's own advice on kernels and threads is not for them."""
    scheme = "https" if settings.tls_certificate else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Listening at {scheme}://{host}:{settings.port}", flush=True)


def _refuse_the_open(settings: WebSettings) -> None:
    """Beyond this machine there is TLS, ours or a proxy's that we were told of."""
    try:
        here = settings.host == "localhost" or ip_address(settings.host).is_loopback
    except ValueError:
        here = False
    if not here and settings.tls_certificate is None and not settings.proxies:
        public = "Pages and API would be served without TLS; set web.tls_certificate and web.tls_key, or web.proxies."
        raise ConfigurationError("no TLS", public=public)


@tokens.command("add")
@command
def add(
    name: Annotated[str, typer.Argument(help="The program; it stands in the history of what it changes.")],
    scope: Annotated[list[str] | None, typer.Option(help="What it may do; repeat it for more.")] = None,
    days: Annotated[int, typer.Option(min=1, max=730, help="How long it lives.")] = 365,
) -> None:
    """Make a token, and show it this once."""
    framed()
    from web import clock
    from web.api import tokens as rows

    if not name.isascii() or not name.isprintable() or not name.strip() or len(name) > 60:  # noqa: PLR2004 - the column
        raise InputError("name", public="A token's name has 1 to 60 plain characters.")
    try:
        token = rows.add(name, scope or (), clock.now(), timedelta(days=days))
    except rows.UnusableTokenError as error:
        raise InputError(error.private, public=error.public) from error
    looked("token added", token=name, scopes=sorted(scope or ()), days=days)
    print(token)


@tokens.command("list")
@command
def list_() -> None:
    """Every token: what it may do, until when, when it was last used, and how its webhooks fare."""
    framed()
    from web import clock
    from web.api.models import ApiToken

    table = Table("name", "scopes", "stands", "until", "last used", "webhooks")
    now = clock.now()
    for row in ApiToken.objects.order_by("name").prefetch_related("webhooks"):
        used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
        stands = "yes" if row.stands(now) else "revoked" if row.revoked_at else "expired"
        hooks = list(row.webhooks.all())
        given_up = sum(h.gave_up_at is not None for h in hooks)
        told = f"{len(hooks)}, {given_up} given up" if given_up else str(len(hooks))
        table.add_row(row.name, " ".join(row.scopes), stands, f"{row.expires_at:%d %B %Y}", used, told)
    Console().print(table)


@tokens.command("revoke")
@command
def revoke(name: Annotated[str, typer.Argument(help="As `sallyport token list` shows it.")]) -> None:
    """From the next request on, the token opens nothing."""
    framed()
    from web import clock
    from web.api import tokens as rows

    if not rows.revoke(name, clock.now()):
        raise InputError("no such token", public="There is no such token that stands; see `sallyport token list`.")
    looked("token revoked", token=name)
    print("Revoked.")
