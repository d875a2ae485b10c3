"""An author's DKIM signature (RFC 6376) on a mail, and whether it still holds: by dkimpy, with a key made here.

``simple/simple`` is the strictest way to canonicalise: one octet changed, folded or moved breaks it.
"""

from __future__ import annotations

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_SELECTOR, _DOMAIN = b"corpus", b"council.example"
_WRITTEN = (b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type")


@cache
def _key() -> tuple[bytes, bytes]:
    """PEM of the private half; the DNS record of the public one."""
    key = rsa.generate_private_key(65537, 1024)  # dkimpy counts in plain Python; nothing depends on this key's strength
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return pem, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def signed(mail: bytes) -> bytes:
    """With a signature on top, over the body and the fields that a person's mail program wrote."""
    way, fields = (b"simple", b"simple"), list(_WRITTEN)
    return bytes(dkim.sign(mail, _SELECTOR, _DOMAIN, _key()[0], canonicalize=way, include_headers=fields)) + mail


def holds(mail: bytes) -> bool:
    """Whether the author's signature verifies."""
    return bool(dkim.verify(mail, minkey=1024, dnsfunc=lambda _name, timeout=5: _key()[1]))


def record() -> str:
    """What stands in the DNS at ``corpus._domainkey.council.example``."""
    return _key()[1].decode("ascii")
