"""What the pages are built of, put in place once when the process starts (``cli/pickup/asgi.py``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from domain.model import Address
from domain.rules import Rules
from vault.models import PickupContact
from vault.pickup.grants import Ask
from vault.pickup.opening import Shelf
from vault.pickup.signed import SignedCopies
from vault.pickup.signing import Signer
from vault.pickup.trying import Codes, Way
from vault.pickup.uploads import Uploads
from web.pickup.posting import Post


class Sender(Protocol):
    """How a code reaches somebody."""

    @property
    def way(self) -> Way:
        """Which."""
        ...

    def reaches(self, contact: PickupContact | None) -> str:
        """What people are told of where it goes ("the phone ending in 42"); empty where it cannot go."""
        ...

    def send(self, contact: PickupContact | None, code: str) -> bool:
        """Whether it was taken over."""
        ...


@dataclass(frozen=True)
class Parts:
    """``sender`` is None where the office reads codes out. ``most`` is how many octets an answer may have.

    ``rules`` are those of the moment. ``signer`` is None where no certificate is set.
    ``languages`` is that in which somebody wishes to be written to, by the register.
    ``devices``: whether passkeys can be used at this address. ``proxies`` may say where a request comes from.
    """

    service: str
    phone: str
    rules: Callable[[], Rules]
    ask: Ask
    codes: Codes
    shelf: Shelf
    sender: Sender | None
    post: Post
    uploads: Uploads
    signer: Signer | None
    signed: SignedCopies
    most: int
    address: str
    languages: Callable[[Address], str]
    secure: bool
    devices: bool
    proxies: Sequence[IPv4Network | IPv6Network] = ()


_PLACED: list[Parts] = []


def place(made: Parts) -> None:
    """Before the first request."""
    _PLACED[:] = [made]


def parts() -> Parts:
    """What was placed. Raises ``IndexError`` before."""
    return _PLACED[0]
