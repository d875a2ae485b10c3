"""A person's secret, opened with a master for a moment: for sealing it anew, or to show that it opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from domain.errors import ConfigurationError
from vault.escrow import Escrow
from vault.identities import identities_in
from vault.masters import Masters
from vault.models import SealingKey
from vault.objects.port import NoSuchObject
from vault.sealing import seal_to
from vault.unseal import CannotOpen, decrypt

_PROBE = b"which master is this?"


def opened(sealed: bytes, row: SealingKey, identities: Sequence[Any]) -> str:
    """The secret key in ``sealed``, which must be the other half of the row's public one. Raises ``CannotOpen``."""
    try:
        found = identities_in(decrypt(sealed, identities, row.escrow_key))
    except ConfigurationError as error:
        raise CannotOpen("it holds no whole secret key", key=row.escrow_key) from error
    for identity in found:
        if str(identity.to_public()) == row.public:
            return str(identity)
    raise CannotOpen("it holds another key's secret", key=row.escrow_key)


def from_either(row: SealingKey, escrow: Escrow, identities: Sequence[Any]) -> str:
    """From the row, or from any version in escrow where the row's does not open. Raises ``CannotOpen``."""
    copies = chain([bytes(row.sealed_secret)], _in_escrow(row, escrow))
    for sealed in copies:
        with suppress(CannotOpen):
            return opened(sealed, row, identities)
    raise CannotOpen("neither the row nor any copy in escrow opens", key=row.escrow_key)


def _in_escrow(row: SealingKey, escrow: Escrow) -> Iterator[bytes]:
    """Newest first. A database that was set back names an older one than there is."""
    for version in escrow.list(row.escrow_key):
        with suppress(NoSuchObject):
            yield escrow.read(version.key, version.version)


def shown(masters: Masters, identities: Sequence[Any]) -> list[str]:
    """Those of the masters that the identities are: each must open a file that is sealed to it alone."""
    return [text for text, keys in masters.alone() if _opens(seal_to(_PROBE, keys).content, identities)]


def opens_any(sealed: bytes, row: SealingKey, identities: Iterable[Any]) -> bool:
    """Whether one of the identities opens it, to the row's own secret."""
    try:
        return bool(opened(sealed, row, list(identities)))
    except CannotOpen:
        return False


def _opens(sealed: bytes, identities: Sequence[Any]) -> bool:
    try:
        return decrypt(sealed, identities, "") == _PROBE
    except CannotOpen:
        return False
