"""What a key that came by mail is worth, before anybody has looked at it: never more than "seen"."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class KeySource(StrEnum):
    """How a key came to be seen. The value is what the settings and people call it."""

    OPENPGP = "openpgp"
    """Attached to a mail that verifies by it (RFC 3156)."""
    SMIME = "smime"
    """The certificate of a mail's verified signature, or the one that the signer names for encryption (RFC 8551)."""
    AUTOCRYPT = "autocrypt"
    """In the header of a mail that nobody need have signed (Autocrypt 1.1)."""


class Standing(StrEnum):
    """What a key is to those known for the same address."""

    RECORDED = "recorded"  # the office has recorded this very key
    AGAIN = "again"  # seen before, waiting
    NEW = "new"  # the first of its kind for the address
    CHANGED = "changed"  # another of its kind was recorded or seen before: a finding


def standing(fingerprint: str, recorded: Collection[str], seen: Collection[str]) -> Standing:
    """``recorded`` and ``seen`` are the address's other keys of the same method, by fingerprint."""
    if fingerprint in recorded:
        return Standing.RECORDED
    if fingerprint in seen:
        return Standing.AGAIN
    return Standing.CHANGED if recorded or seen else Standing.NEW
