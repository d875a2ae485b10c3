"""When recipients' keys and our own run out, as things that are due. The register only keeps the bytes.

A key that cannot be read has no date here; ``sallyport keys list`` and every use say that it cannot be used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from config.settings import Settings
from domain.due import Due, Matter
from domain.errors import ConfigurationError
from gateway.protect.inspection import inspect
from register.due import Desks
from register.models import EarlierMailbox, Party, RecipientKey

_ENOUGH = 16
"""Digits of a fingerprint that find it in a list."""


def recipients_keys(now: datetime) -> Iterator[Due]:
    """The last one to run out of each recipient and kind; whoever has a newer key needs no reminder of the old one."""
    desks, parties = Desks.on(now.date()), _parties()
    longest: dict[tuple[str, str], _Known] = {}
    for row in RecipientKey.objects.order_by("fingerprint"):
        known = _Known(_expiry(bytes(row.data)), row.fingerprint)
        before = longest.setdefault((row.address, row.method), known)
        if _outlives(known, before):
            longest[row.address, row.method] = known
    for (address, method), known in longest.items():
        if known.expires_at is not None:
            owners = parties.get(address, ())
            about = owners[0].code if owners else "a recipient who is not in the register"
            officers = tuple(sorted({o for owner in owners for o in desks.of_party(owner)}))
            yield Due(Matter.KEY, about, f"{method} {known.ref[-_ENOUGH:]}", known.expires_at, officers)


def own_keys(settings: Settings) -> Iterator[Due]:
    """Our signing keys and certificates, each by the name of its setting. They are the office's to renew.

    Those of programs that may run on another machine are left out where their file is not here.
    """
    service, relay = settings.service, settings.relay
    files = {
        "service.openpgp_key": service.openpgp_key,
        "service.smime_certificate": service.smime_certificate,
        "relay.tls_certificate": relay.tls_certificate,
    } | {name: path for name, path in _elsewhere(settings) if path and settings.at_home(path).exists()}
    for setting, path in files.items():
        expires = _expiry(_read(settings.at_home(path), setting)) if path else None
        if expires is not None:
            yield Due(Matter.KEY, "the service itself", setting, expires)


def _elsewhere(settings: Settings) -> Iterator[tuple[str, Path | None]]:
    yield "web.tls_certificate", settings.web.tls_certificate
    yield "pickup.tls_certificate", settings.pickup.tls_certificate
    for hop in settings.next_hops:
        yield f"client_certificate for {', '.join(hop.domains)}", hop.client_certificate


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError("key file", public=f"The file {path} ({setting}) cannot be read.") from error


class _Known(NamedTuple):
    expires_at: datetime | None
    ref: str


def _outlives(one: _Known, other: _Known) -> bool:
    if one.expires_at is None or other.expires_at is None:
        return one.expires_at is None and other.expires_at is not None
    return one.expires_at > other.expires_at


def _expiry(data: bytes) -> datetime | None:
    """The first end of what is in there: a chain is as good as its weakest link."""
    return min((key.expires_at for key in inspect(data) if key.expires_at), default=None)


def _parties() -> Mapping[str, list[Party]]:
    found: dict[str, list[Party]] = defaultdict(list)
    rows: Iterable[Party] = Party.objects.order_by("code")
    for party in rows:
        found[party.email].append(party)
    for earlier in EarlierMailbox.objects.select_related("party"):
        found[earlier.email].append(earlier.party)
    return found
