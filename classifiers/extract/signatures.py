"""Signatures: S/MIME's (CMS, RFC 5652) and OpenPGP's (RFC 3156).

Purpose: a signature beside what it signs gives nobody away; one with the signed text inside is read like any text.
Trust: hostile; the structure decides, never the label. Failure: ``Unread`` CORRUPT or UNSUPPORTED.
"""

from __future__ import annotations

import re

from classifiers.extract.reading import Item, Reading, Unread
from domain.model import UnreadableReason

_DETACHED_BYTES = 32_768
"""A signature with a chain of certificates has 4 to 12 KB."""
_ENTITY = re.compile(rb"[\w-]+:[^\n]*\n", re.MULTILINE)
_ARMOUR = re.compile(
    rb"-----BEGIN PGP SIGNATURE-----(.*?)\r?\n\s*\n([A-Za-z0-9+/=\s]*)-----END PGP SIGNATURE-----", re.DOTALL
)


def read_signed(item: Item, reading: Reading) -> None:
    """CMS signed data: what it encloses, if anything."""
    content = _enclosed(item.content)
    if content is not None:
        kind = "message/rfc822" if _ENTITY.match(content) else ""
        reading.spend(len(content))
        reading.descend(item.inside("signed", content, kind, filename=""))
    elif len(item.content) > _DETACHED_BYTES:
        raise Unread(UnreadableReason.UNSUPPORTED)


def _enclosed(content: bytes) -> bytes | None:
    """The signed octets; None for a detached signature. Raises ``Unread`` for what is neither."""
    from asn1crypto.cms import ContentInfo  # noqa: PLC0415 - slow to import, seldom needed

    try:
        info = ContentInfo.load(content.rstrip(b"\r\n"), strict=True)
        inside = info["content"]["encap_content_info"]["content"]
        return None if inside.native is None else bytes(inside.native)
    except Exception:  # noqa: BLE001 - a hostile structure raises anything
        raise Unread(UnreadableReason.CORRUPT) from None


def read_armoured(item: Item, reading: Reading) -> None:
    """An OpenPGP signature: the words in its armour, and whatever stands around it."""
    if len(item.content) > _DETACHED_BYTES:
        raise Unread(UnreadableReason.UNSUPPORTED)
    if not _ARMOUR.search(item.content):
        raise Unread(UnreadableReason.CORRUPT)
    reading.say(item.path, item.place, _ARMOUR.sub(rb"\1", item.content).decode("utf-8", "replace"))
