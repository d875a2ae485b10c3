"""What an S/MIME blob is (CMS, RFC 5652), by its structure and not by its label.

The bytes come from anybody; asn1crypto is pure Python, and whatever it raises means *damaged*.
"""

from __future__ import annotations

from domain.model import UnreadableReason

_SEALED = frozenset({"enveloped_data", "authenticated_enveloped_data", "encrypted_data"})


def open_signed(data: bytes) -> bytes | UnreadableReason:
    """The content of an opaque signature (not verified), or why it cannot be read."""
    from asn1crypto.cms import ContentInfo  # noqa: PLC0415 - slow to import, seldom needed

    try:
        info = ContentInfo.load(data)
        kind = str(info["content_type"].native)
        if kind != "signed_data":
            return UnreadableReason.ENCRYPTED if kind in _SEALED else UnreadableReason.UNSUPPORTED
        content = info["content"]["encap_content_info"]["content"].native
    except Exception:  # noqa: BLE001 - a hostile structure raises anything
        return UnreadableReason.CORRUPT
    return content if isinstance(content, bytes) else UnreadableReason.CORRUPT
