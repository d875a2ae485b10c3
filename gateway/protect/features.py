"""What an OpenPGP certificate says its owner's program can read (RFC 9580 section 5.2.3.32, the Features subpacket).

Input: signature packets of a stranger's certificate; hostile. Failure: what cannot be read says nothing.

The engine takes silence for "reads everything new" and then writes encrypted data of version 2, which the program
that made the key (RNP, so Thunderbird) cannot open. So silence is told apart here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_FEATURES = 30
_SEIPD_V2 = 0x08
_LENGTH_OCTETS = {4: 2, 6: 4}
"""Of the hashed area's length, by the signature's version (RFC 9580 section 5.2.3)."""


@dataclass(frozen=True, slots=True)
class Reads:
    """``v2``: everything that says something says version 2 can be read. ``silent``: something says nothing."""

    v2: bool
    silent: bool


def of_signatures(bodies: Iterable[bytes]) -> Reads:
    """Of the owner's own signatures on names and on the key itself, given as packet bodies."""
    said = [features(body) for body in bodies]
    heard = [flags for flags in said if flags is not None]
    return Reads(v2=bool(heard) and all(f & _SEIPD_V2 for f in heard), silent=len(heard) < len(said) or not said)


def features(body: bytes) -> int | None:
    """The first octet of flags in the signed part of a signature; None where there is none."""
    size = _LENGTH_OCTETS.get(body[0] if body else 0)
    if size is None:
        return None
    end = 4 + size + int.from_bytes(body[4 : 4 + size])
    for kind, value in _subpackets(body[4 + size : end]):
        if kind == _FEATURES:
            return value[0] if value else 0
    return None


def _subpackets(area: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each; ends where one does not fit (RFC 9580 section 5.2.3.7)."""
    at = 0
    while at < len(area):
        at, length = _length(area, at)
        if length < 1 or at + length > len(area):
            return
        yield area[at] & 0x7F, area[at + 1 : at + length]
        at += length


def _length(area: bytes, at: int) -> tuple[int, int]:
    first = area[at]
    if first < 192:  # noqa: PLR2004 - the bounds are the format's
        return at + 1, first
    if first < 255:  # noqa: PLR2004 - the same
        return at + 2, ((first - 192) << 8) + int.from_bytes(area[at + 1 : at + 2]) + 192
    return at + 5, int.from_bytes(area[at + 1 : at + 5])
