"""Opaque identifiers that sort by time: 54 bits of microseconds and 74 random bits, as 26 characters.

They say when, and nothing else; nobody can guess another one. The alphabet (Crockford's) has no I, L, O or U,
so that an identifier survives being read out over the telephone.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
_BASE = len(ALPHABET)
_RANDOM_BITS = 74
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def new_id(now: datetime) -> str:
    """An identifier for something that comes to be at ``now`` (aware)."""
    value = (now - _EPOCH) // _MICROSECOND << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    letters = []
    for _ in range(LENGTH):
        value, index = divmod(value, _BASE)
        letters.append(ALPHABET[index])
    return "".join(reversed(letters))
