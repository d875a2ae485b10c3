"""Who comes with which link, whether it opens now, and whether they are in already. Asked anew on every request."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from domain.errors import VaultUnavailable
from domain.model import Address
from domain.pickup import VISIT_LASTS
from vault import audit
from vault.models import PickupGrant
from vault.pickup.grants import NOBODY, find, stands
from vault.pickup.room import event
from vault.pickup.trying import Caller, Way, begin_visit, visiting
from vault.rows import writing
from web import clock
from web.pickup import failing
from web.pickup.language import prefer
from web.pickup.parts import parts

_IPV6_NETWORK = 64
"""Bits: what one household has."""


@dataclass(frozen=True)
class Door:
    """A link that opens. ``way`` is how its visitor proved who they are; None while they have not."""

    link: str
    grant: PickupGrant
    caller: Caller
    way: Way | None
    now: datetime

    def to(self, name: str) -> HttpResponseRedirect:
        """The next page (RFC 9110 section 15.4.4: to be fetched by GET)."""
        answer = HttpResponseRedirect(reverse(name, args=[self.link]))
        answer.status_code = 303
        return answer

    @property
    def cookie(self) -> str:
        """Its name: of each link its own, so that two messages can be open side by side."""
        return cookie_name(self.link)

    def note(self, what: str, **more: object) -> None:
        """Into the audit trail, before it is done."""
        with writing(VaultUnavailable):
            audit.append([event(self.grant, what, "pick-up", "by the link, on the pages", self.now, **more)])


_View = Callable[..., HttpResponse]
_Answer = TypeVar("_Answer", bound=HttpResponse)


def with_link(view: _View) -> _View:
    """The view with a :class:`Door`; the page of closed links for every other."""

    @wraps(view)
    def asked(request: HttpRequest, link: str, **more: object) -> HttpResponse:
        door = _door(request, link)
        return view(request, door, **more) if door else failing.closed(request)

    return asked


def inside(view: _View) -> _View:
    """The same for whoever proved who they are; else they are asked to."""

    @wraps(view)
    @with_link
    def asked(request: HttpRequest, door: Door, **more: object) -> HttpResponse:
        return view(request, door, **more) if door.way else door.to("start")

    return asked


def let_in(answer: _Answer, door: Door, way: Way) -> _Answer:
    """The answer to somebody who proved who they are just now, with the secret of a visit that nobody had before."""
    answer.set_cookie(
        door.cookie,
        begin_visit(door.grant, way, door.now),
        max_age=int(VISIT_LASTS.total_seconds()),
        secure=parts().secure,
        httponly=True,
        samesite="Lax",  # the link in a mail comes from another site
    )
    return answer


def cookie_name(link: str) -> str:
    """Says nothing of the link. The prefix makes browsers keep it to this host and to TLS (RFC 6265bis, 4.1.3)."""
    prefix = "__Host-" if parts().secure else ""
    return f"{prefix}visit-{hashlib.sha256(link.encode()).hexdigest()[:12]}"


def _door(request: HttpRequest, link: str) -> Door | None:
    now, made = clock.now(), parts()
    row = find(link)
    wished = made.languages(Address.of(row.recipient if row else NOBODY))  # asked of every link: it takes as long
    if not stands(row, made.ask, made.rules(), now).open or row is None:
        return None
    prefer(request, wished)
    secret = request.COOKIES.get(cookie_name(link), "")
    caller = Caller(row.id, row.recipient, peer(request))
    return Door(link, row, caller, visiting(row.id, secret, now), now)


def peer(request: HttpRequest) -> str:
    """The network from which it comes: an IPv4 address, or the first half of an IPv6 address."""
    address = request.META.get("REMOTE_ADDR", "")
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        known = _address(address)
        if told and any(known in network for network in parts().proxies):
            known = _address(told)
    except ValueError:
        return "unknown"
    return str(ip_network((known, _IPV6_NETWORK), strict=False)) if known.version == 6 else str(known)  # noqa: PLR2004 - IP version 6


def _address(text: str) -> IPv4Address | IPv6Address:
    """An IPv4 address that a socket for both kinds writes as IPv6 is itself; else all of them were one network."""
    found = ip_address(text)
    return getattr(found, "ipv4_mapped", None) or found
