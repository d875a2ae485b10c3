"""OpenPGP keys in a mail: attached to one that verifies by them (RFC 3156), or in its Autocrypt header.

Input: a mail from anybody. Failure: none: what does not hold gives nothing. Keys pass the same gate as at each use, and
bear the author's address. Signatures are verified by pysequoia, whose policy refuses weak ones.
"""

from __future__ import annotations

import binascii
import re
from datetime import datetime

from pysequoia import Cert, Sig, verify

from domain.errors import UnusableKey
from domain.model import folded
from gateway.harvest.signed import Signed
from gateway.mime.fields import Header
from gateway.mime.words import plain
from gateway.parse import parse
from gateway.protect.containment import is_failure
from gateway.protect.inspection import FoundKey, inspect
from gateway.protect.pgp_gate import pass_gate

_MOST = 4
"""Keys in one mail."""
_MOST_OCTETS = 10 * 1024
"""Of an Autocrypt field; nobody should write a longer one (Autocrypt 1.1, "The Autocrypt Header")."""
_ATTRIBUTE = re.compile(r"\s*([a-z_][a-z0-9_-]*)\s*=\s*([^;]*?)\s*", re.IGNORECASE)
_KNOWN = frozenset({"addr", "keydata", "prefer-encrypt"})


def attached(signed: Signed, author: str, now: datetime) -> list[FoundKey]:
    """Those in the signed part by which its signature verifies."""
    if signed.content is None:
        return []
    keys = [p.content for p in parse(signed.content).parts if p.declared_type == "application/pgp-keys"]
    found = [key for data in keys[:_MOST] for key in inspect(data)[:_MOST]]
    return [k for k in found if _is_of(k.stored.data, author, now) and _verifies(signed.content, signed.signature, k)]


def autocrypt(header: Header, author: str, now: datetime) -> list[FoundKey]:
    """The key of the mail's one valid Autocrypt field; with two valid ones none counts."""
    if header.values("content-type") and plain(header.values("content-type")[0]).lower().startswith("multipart/report"):
        return []
    valid = [data for value in header.values("autocrypt") if (data := _keydata(value, author))]
    if len(valid) != 1:
        return []
    return [k for k in inspect(valid[0])[:1] if _is_of(k.stored.data, author, now)]


def _keydata(value: bytes, author: str) -> bytes:
    """Empty where the field is not valid: another's address, an unknown attribute that is critical, no base64."""
    if len(value) > _MOST_OCTETS:
        return b""
    attributes: dict[str, str] = {}
    for piece in plain(value).removesuffix(";").split(";"):
        found = _ATTRIBUTE.fullmatch(piece)
        if found is None or found[1].lower() in attributes:
            return b""
        attributes[found[1].lower()] = found[2]
    critical = {name for name in attributes if not name.startswith("_")} - _KNOWN
    if critical or folded(attributes.get("addr", "")) != author:
        return b""
    try:
        return binascii.a2b_base64("".join(attributes.get("keydata", "").split()), strict_mode=True)
    except ValueError:
        return b""


def _verifies(content: bytes, signature: bytes, key: FoundKey) -> bool:
    try:
        certificate = Cert.from_bytes(key.stored.data)
        done = verify(bytes=content, store=lambda _: [certificate], signature=Sig.from_bytes(signature))
    except BaseException as error:
        if not is_failure(error):
            raise
        return False
    return len(done.valid_sigs) == 1


def _is_of(data: bytes, author: str, now: datetime) -> bool:
    try:
        return author in pass_gate(data, now).addresses
    except UnusableKey:
        return False
