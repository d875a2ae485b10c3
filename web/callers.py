"""From where a request comes: the connection's own address, or what a proxy that we were told of has added."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_address


def is_proxy(caller: str, proxies: Collection[IPv4Network | IPv6Network]) -> bool:
    """Whether it is one that may say where callers come from."""
    try:
        address = ip_address(caller)
    except ValueError:
        return False
    return any(address in network for network in proxies)


def told_by(forwarded: str) -> str:
    """The last address of ``X-Forwarded-For``, which the proxy itself has added; empty where there is none."""
    try:
        return str(ip_address(forwarded.rpartition(",")[2].strip()))
    except ValueError:
        return ""
