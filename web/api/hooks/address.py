"""Which addresses may be told."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult

_HOST = re.compile(r"[A-Za-z0-9.:-]+")


def usable(url: SplitResult) -> bool:
    """By https anywhere, by http on this machine alone; nobody's password in it."""
    try:
        host, _ = url.hostname, url.port
    except ValueError:
        return False
    if not host or not _HOST.fullmatch(host) or url.username is not None or url.password is not None:
        return False
    return url.scheme == "https" or (url.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    """A name would be looked up anew each time; only an address is sure."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
