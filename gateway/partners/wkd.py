"""Asks a domain for the OpenPGP key of one of its addresses (Web Key Directory, draft-koch-openpgp-webkey-service).

Input: a page by whoever runs the domain. Failure: ``FetchFailed``. What comes is no more than a finding: who looks
records it, after the gate, and after making sure whose it is. No mail waits for it, and nothing looks by itself.
"""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from domain.model import Address
from gateway.fetching import Fetcher, FetchFailed

MOST_OCTETS = 1 << 20
_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
_BITS = 5


def find(address: Address, fetcher: Fetcher) -> bytes:
    """What the domain has, binary: the advanced way, or the direct one where there is no such server (section 3.1)."""
    local, _, domain = address.text.rpartition("@")
    tail = f"hu/{hashed(local)}?l={quote(local, safe='')}"
    domain = domain.lower()
    try:
        return fetcher.get(f"https://openpgpkey.{domain}/.well-known/openpgpkey/{domain}/{tail}")[0]
    except FetchFailed as error:
        if str(error) not in {"gaierror", "ConnectionRefusedError"}:
            raise
    return fetcher.get(f"https://{domain}/.well-known/openpgpkey/{tail}")[0]


def hashed(local: str) -> str:
    """The local part in small letters, SHA-1, in z-base-32: 32 letters."""
    lower = "".join(c.lower() if c.isascii() else c for c in local)
    digest = int.from_bytes(hashlib.sha1(lower.encode(), usedforsecurity=False).digest())
    return "".join(_ALPHABET[digest >> (_BITS * n) & 31] for n in reversed(range(32)))
