"""Opaque identifiers that sort by time: 54 bits of microseconds and 74 random bits, as 26 characters.

They say when, and nothing else; nobody can guess another one. The alphabet (Crockford's) has no I, L, O or U,
so that an identifier survives being read out over the telephone.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from datetime import UTC, datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
_WHOLE = 20
"""Octets: as many as give 32 whole letters of five bits, of which the last 26 count."""
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())
"""From RFC 4648's letters of five bits."""
_RANDOM_BITS = 74
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def new_id(now: datetime) -> str:
    """An identifier for something that comes to be at ``now`` (aware)."""
    return _written((now - _EPOCH) // _MICROSECOND << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))


def earliest(moment: datetime) -> str:
    """No identifier of that moment or later sorts before it, and none that is older after it: for bounds of time."""
    return _written((moment - _EPOCH) // _MICROSECOND << _RANDOM_BITS)


def _written(value: int) -> str:
    return b32encode(value.to_bytes(_WHOLE, "big"))[-LENGTH:].translate(_OURS).decode()


def made_at(ident: str) -> datetime:
    """When it came to be. ``ValueError`` for what is none."""
    if not is_id(ident):
        raise ValueError("not an identifier")
    value = 0
    for letter in ident:
        value = value * len(ALPHABET) + ALPHABET.index(letter)
    return _EPOCH + (value >> _RANDOM_BITS) * _MICROSECOND


def is_id(text: str) -> bool:
    """Whether it could be one."""
    return len(text) == LENGTH and not text.strip(ALPHABET)
