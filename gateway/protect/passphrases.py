"""Passphrases of recipients who open a protected PDF: sealed for the register, and made.

In place of one that stands, the register may have a mobile number: then each mail has a passphrase of its own, which
goes there by text message. It is made of the mail, so that a second try of the same mail has the same one.

The register keeps them sealed by a key in a file beside the relay, so that the database alone, or a copy of it, opens
no PDF. The address is part of the seal: a row that is moved to another address opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import UnusableKey

SHORTEST = 12
_LONGEST = 127
"""Octets that PDF takes (ISO 32000-2, 7.6.4.3.3)."""
_NONCE = 12
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4
_NUMBER, _TEXT = "\0number", "\0text"
"""What a seal is for besides a passphrase: no address has such an octet."""


def made() -> str:
    """Sixteen letters in four groups, none that looks like another: 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def of_mail(digest: str, address: str, key: bytes) -> str:
    """The one of this mail (SHA-256, hexadecimal) for this address (folded); as long as a made one."""
    drawn = hmac.new(key[:32], f"pdf password\0{digest}\0{address}".encode(), hashlib.sha512).digest()
    number, letters = int.from_bytes(drawn), []
    for _ in range(_GROUPS * _GROUP):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "-".join("".join(letters[n : n + _GROUP]) for n in range(0, len(letters), _GROUP))


def fit(passphrase: str) -> bool:
    """Whether every program takes it as typed: printable ASCII, long enough, no space at an end."""
    plain = passphrase.isascii() and passphrase.isprintable() and passphrase == passphrase.strip()
    return plain and SHORTEST <= len(passphrase) <= _LONGEST


def sealed(passphrase: str, address: str, key: bytes) -> bytes:
    """For the register's row of this address (folded)."""
    return _sealed(passphrase, address, key)


def sealed_number(mobile: str, address: str, key: bytes) -> bytes:
    """The same for a mobile number that each mail's own passphrase goes to."""
    return _sealed(mobile, f"{address}{_NUMBER}", key)


def number_in(data: bytes, address: str, key: bytes) -> str:
    """The number; empty where the row holds a passphrase, or cannot be read."""
    try:
        return _opened(data, f"{address}{_NUMBER}", key)
    except (InvalidTag, ValueError):
        return ""


def sealed_text(mobile: str, passphrase: str, address: str, key: bytes) -> bytes:
    """A text message that is still to be sent: for the worker."""
    return _sealed(f"{mobile} {passphrase}", f"{address}{_TEXT}", key)


def opened_text(data: bytes, address: str, key: bytes) -> tuple[str, str]:
    """Number and passphrase. Raises ``UnusableKey``."""
    try:
        mobile, _, passphrase = _opened(data, f"{address}{_TEXT}", key).partition(" ")
    except (InvalidTag, ValueError) as error:
        raise UnusableKey("its text message cannot be read here") from error
    return mobile, passphrase


def _sealed(text: str, about: str, key: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key[:32]).encrypt(nonce, text.encode("ascii"), about.encode())


def _opened(data: bytes, about: str, key: bytes) -> str:
    return AESGCM(key[:32]).decrypt(data[:_NONCE], data[_NONCE:], about.encode()).decode("ascii")


def opened(data: bytes, address: str, key: bytes) -> str:
    """The passphrase. Raises ``UnusableKey``."""
    try:
        passphrase = _opened(data, address, key)
    except (InvalidTag, ValueError) as error:
        raise UnusableKey("its passphrase cannot be read here") from error
    if not fit(passphrase):
        raise UnusableKey("its passphrase is too short to be safe")
    return passphrase
