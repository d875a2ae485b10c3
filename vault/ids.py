"""Opaque identifiers that sort by time: 48 bits of milliseconds and 80 random bits, as 26 characters.

They say when, and nothing else; nobody can guess another one. The alphabet (Crockford's) has no I, L, O or U,
so that an identifier survives being read out over the telephone.
"""

from __future__ import annotations

import secrets
from datetime import datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
_BASE = len(ALPHABET)


def new_id(now: datetime) -> str:
    """An identifier for something that comes to be at ``now`` (aware)."""
    value = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    letters = []
    for _ in range(LENGTH):
        value, index = divmod(value, _BASE)
        letters.append(ALPHABET[index])
    return "".join(reversed(letters))
