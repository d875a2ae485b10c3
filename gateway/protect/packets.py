"""Reads the outside of an OpenPGP message: to which keys it is encrypted, and that nothing else is in it.

Purpose: a second opinion, independent of the engine that made the message (RFC 9580 sections 4.2, 5.1 and 5.13).
Input: our own engine's output, trusted for nothing. Failure: ``MalformedPackets``, and then nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass

_SESSION_KEY = 1  # public-key encrypted session key packet
_ENCRYPTED = 18  # symmetrically encrypted, integrity protected data packet
_V3 = 3
_V6 = 6
_V4_FINGERPRINT = 20


class MalformedPackets(ValueError):
    """Not what an encrypted message looks like."""


@dataclass(frozen=True, slots=True)
class EncryptedMessage:
    """``key_ids`` in order, 16 upper-case hexadecimal digits each; ``version`` of the encrypted data packet."""

    key_ids: tuple[str, ...]
    version: int


def read_encrypted(data: bytes | memoryview) -> EncryptedMessage:
    """What a binary message says of itself. Raises ``MalformedPackets``, also for anything before, between or after."""
    view = memoryview(data)
    key_ids: list[str] = []
    at = 0
    try:
        while True:
            tag, body, end = _packet(view, at)
            if tag == _ENCRYPTED and end == len(view) and key_ids:
                return EncryptedMessage(tuple(key_ids), body[0])
            if tag != _SESSION_KEY:
                raise MalformedPackets(f"packet {tag} where none should be")
            key_ids.append(_recipient(body))
            at = end
    except IndexError as e:
        raise MalformedPackets("it ends too early") from e


def first_recipient(data: bytes) -> tuple[str, int]:
    """The key id of the first session key, and where its packet ends. Raises ``MalformedPackets``."""
    try:
        tag, body, end = _packet(memoryview(data), 0)
        if tag != _SESSION_KEY:
            raise MalformedPackets(f"packet {tag} where a session key should be")
        return _recipient(body), end
    except IndexError as e:
        raise MalformedPackets("it ends too early") from e


def key_id_of(fingerprint: str) -> str:
    """The key id of a version 4 or 6 fingerprint, upper case (RFC 9580 section 5.5.4)."""
    upper = fingerprint.upper()
    return upper[-16:] if len(upper) == 2 * _V4_FINGERPRINT else upper[:16]


def _recipient(body: memoryview) -> str:
    if body[0] == _V3:
        return body[1:9].hex().upper()
    if body[0] == _V6 and body[1] > 1:
        return key_id_of(body[3 : 2 + body[1]].hex())
    raise MalformedPackets("a session key for nobody that is named")


def _packet(view: memoryview, at: int) -> tuple[int, memoryview, int]:
    """Tag, (first piece of the) body, and where the packet ends."""
    first = view[at]
    if first & 0xC0 != 0xC0:  # noqa: PLR2004 - the two bits that mark the current packet format
        raise MalformedPackets("not a packet of the current format")
    start, length, partial = _length(view, at + 1)
    body = view[start : start + length]
    if len(body) != length or not length:
        raise MalformedPackets("a packet of the wrong length")
    end = start + length
    while partial:
        start, length, partial = _length(view, end)
        end = start + length
        if end > len(view):
            raise MalformedPackets("a packet of the wrong length")
    return first & 0x3F, body, end


def _length(view: memoryview, at: int) -> tuple[int, int, bool]:
    """Where the piece starts, its length, and whether another follows (RFC 9580 section 4.2.1)."""
    first = view[at]
    if first < 192:  # noqa: PLR2004 - the bounds are the format's
        return at + 1, first, False
    if first < 224:  # noqa: PLR2004 - the same
        return at + 2, ((first - 192) << 8) + view[at + 1] + 192, False
    if first < 255:  # noqa: PLR2004 - the same
        return at + 1, 1 << (first & 0x1F), True
    return at + 5, int.from_bytes(view[at + 1 : at + 5]), False
