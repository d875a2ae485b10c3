"""The signed part of a mail, to the octet, and its signature (RFC 1847, RFC 8551 section 3.5).

Input: a mail from anybody, its lines ended by CR LF. Failure: None, wherever two programs might see it differently:
a signature over something else than what a person reads proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.mime.boundaries import cut
from gateway.mime.entity import Entity, read_entity
from gateway.mime.fields import Header, read_header
from gateway.mime.transfer import decode

_HEADER = 64 * 1024
_SIGNATURES = {
    "application/pgp-signature": False,
    "application/pkcs7-signature": True,
    "application/x-pkcs7-signature": True,
}
_OPAQUE = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


@dataclass(frozen=True, slots=True)
class Signed:
    """``content`` is what was signed; None where it lies in the signature itself. ``cms``: S/MIME, else OpenPGP."""

    signature: bytes = field(repr=False)
    content: bytes | None = field(repr=False)
    cms: bool


def signed_part(raw: bytes, header: Header) -> Signed | None:
    """Of a mail that is signed as a whole."""
    entity = read_entity(header, "text/plain")
    if entity.faults:
        return None
    if entity.type in _OPAQUE:
        return Signed(decode(raw, header.body, len(raw), entity.encoding)[0], None, cms=True)
    return _detached(raw, header, entity) if entity.type == "multipart/signed" else None


def _detached(raw: bytes, header: Header, entity: Entity) -> Signed | None:
    cuts = cut(raw, header.body, len(raw), entity.boundary, 3)
    if len(cuts.parts) != len(("content", "signature")) or cuts.doubtful:
        return None
    (start, end), (its_start, its_end) = cuts.parts
    its_header = read_header(raw, its_start, its_end, _HEADER)
    its = read_entity(its_header, "text/plain")
    if its.faults or its.type not in _SIGNATURES:
        return None
    signature, fault = decode(raw, its_header.body, its_end, its.encoding)
    return None if fault else Signed(signature, raw[start:end], cms=_SIGNATURES[its.type])
