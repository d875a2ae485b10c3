"""Passphrases of recipients who open a protected PDF: sealed for the register, and made.

The register keeps them sealed by a key in a file beside the relay, so that the database alone, or a copy of it, opens
no PDF. The address is part of the seal: a row that is moved to another address opens nothing.
"""

from __future__ import annotations

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


def made() -> str:
    """Sixteen letters in four groups, none that looks like another: 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def fit(passphrase: str) -> bool:
    """Whether every program takes it as typed: printable ASCII, long enough, no space at an end."""
    plain = passphrase.isascii() and passphrase.isprintable() and passphrase == passphrase.strip()
    return plain and SHORTEST <= len(passphrase) <= _LONGEST


def sealed(passphrase: str, address: str, key: bytes) -> bytes:
    """For the register's row of this address (folded)."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key[:32]).encrypt(nonce, passphrase.encode("ascii"), address.encode())


def opened(data: bytes, address: str, key: bytes) -> str:
    """The passphrase. Raises ``UnusableKey``."""
    try:
        passphrase = AESGCM(key[:32]).decrypt(data[:_NONCE], data[_NONCE:], address.encode()).decode("ascii")
    except (InvalidTag, ValueError) as error:
        raise UnusableKey("its passphrase cannot be read here") from error
    if not fit(passphrase):
        raise UnusableKey("its passphrase is too short to be safe")
    return passphrase
