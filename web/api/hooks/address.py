"""Which addresses may be told: https on the open internet, and what an operator lists (``web.webhook_networks``).

A token that may ask for webhooks must not look into the council's network through us. So what a name stands for is
judged when something is sent, and the connection goes to the very address that was judged.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult

Networks = Sequence[IPv4Network | IPv6Network]
_HOST = re.compile(r"[A-Za-z0-9.:-]+")


def usable(url: SplitResult, networks: Networks) -> bool:
    """By https, or by http to this machine where it is listed; nobody's password in it. A name is judged when sent."""
    try:
        host, _ = url.hostname, url.port
    except ValueError:
        return False
    if not host or not _HOST.fullmatch(host) or url.username is not None or url.password is not None:
        return False
    address = _literal(host)
    if address is not None and not may_be_told(address, networks):
        return False
    return url.scheme == "https" or (url.scheme == "http" and address is not None and _plain(address).is_loopback)


def may_be_told(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    """Whether it is listed, or anybody's on the internet (RFC 6890, and what IPv6 carries of IPv4)."""
    meant = _plain(address)
    if any(meant in network for network in networks):
        return True
    if isinstance(meant, IPv6Address) and (meant.is_site_local or meant.sixtofour or meant.teredo):
        return False
    return meant.is_global and not (meant.is_multicast or meant.is_reserved or meant.is_unspecified)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """``::ffff:127.0.0.1`` is 127.0.0.1."""
    return getattr(address, "ipv4_mapped", None) or address


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def look_up(host: str, port: int, networks: Networks) -> list[IPv4Address | IPv6Address]:
    """What the name stands for. Raises ``ConnectionRefusedError`` where any of it may not be told, ``OSError`` else."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise ConnectionRefusedError("not a name") from error
    addresses = [ip_address(where[0]) for *_, where in found]
    if not all(may_be_told(a, networks) for a in addresses):
        raise ConnectionRefusedError("not in the networks that may be told")
    return list(dict.fromkeys(addresses))
