"""What a certificate says that its owner's program reads: SMIMECapabilities (RFC 8551 section 2.5.2, RFC 4262).

Input: a certificate; hostile. Failure: none: what cannot be read announces nothing. The list is the
certificate's own word, under its issuer's signature; nothing is taken from mail.
"""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import core
from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

_IN_CERTIFICATES = ObjectIdentifier("1.2.840.113549.1.9.15")
_AES256_GCM = "2.16.840.1.101.3.4.1.46"  # RFC 5084
_OAEP = "1.2.840.113549.1.1.7"  # RFC 3560
_PSS = "1.2.840.113549.1.1.10"  # RFC 4056


@dataclass(frozen=True, slots=True)
class Reads:
    """Which of the newer forms the owner's program opens: AES-256-GCM, RSA-OAEP, signatures by RSA-PSS."""

    gcm: bool = False
    oaep: bool = False
    pss: bool = False


EVERYTHING = Reads(gcm=True, oaep=True, pss=True)


class _Capability(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    _fields = [("capability", core.ObjectIdentifier), ("parameters", core.Any, {"optional": True})]  # noqa: RUF012 - asn1crypto's own way


class _Capabilities(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Capability


def announced(certificate: x509.Certificate) -> Reads:
    """By the certificate's list; nothing where it has none, or one that cannot be read."""
    try:
        found = certificate.extensions.get_extension_for_oid(_IN_CERTIFICATES).value
        listed = _Capabilities.load(found.public_bytes(), strict=True)
        names = {capability["capability"].dotted for capability in listed}
    except (x509.ExtensionNotFound, ValueError, TypeError):
        return Reads()
    return Reads(gcm=_AES256_GCM in names, oaep=_OAEP in names, pss=_PSS in names)
