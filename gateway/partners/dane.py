"""Compares what a server shows in TLS with its TLSA records (RFC 6698, RFC 7671, RFC 7672 section 3).

Input: certificates of whoever answered; hostile. Failure: ``NotThem``. For mail, usages 2 (an authority that the server
shows) and 3 (the server's own) count; 0 and 1 are not used (RFC 7672 section 3.1.3), and what is not known is skipped.
"""

from __future__ import annotations

import hashlib
import hmac
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import verification

_AUTHORITY, _OWN = 2, 3
_WHOLE, _PUBLIC_KEY = 0, 1
_DIGESTS = {1: "sha256", 2: "sha512"}


class NotThem(Exception):
    """No certificate that the server showed fits any record."""


@dataclass(frozen=True, slots=True)
class Tlsa:
    """One record: usage, selector, matching type, and the data that must fit."""

    usage: int
    selector: int
    matching: int
    data: bytes = field(repr=False)

    @property
    def usable(self) -> bool:
        """Whether it says something that is understood here."""
        if self.usage not in {_AUTHORITY, _OWN} or self.selector not in {_WHOLE, _PUBLIC_KEY}:
            return False
        digest = _DIGESTS.get(self.matching)
        return len(self.data) == hashlib.new(digest).digest_size if digest else self.matching == 0 and bool(self.data)

    def fits(self, certificate: x509.Certificate) -> bool:
        """Whether this certificate is meant."""
        if self.selector == _WHOLE:
            shown = certificate.public_bytes(Encoding.DER)
        else:
            shown = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        digest = _DIGESTS.get(self.matching)
        return hmac.compare_digest(hashlib.new(digest, shown).digest() if digest else shown, self.data)

    def text(self) -> str:
        """As TLS-RPT quotes it (RFC 8460 section 4.3.1)."""
        return f"{self.usage} {self.selector} {self.matching} {self.data.hex()}"


def require(sock: object, records: Sequence[Tlsa], host: str) -> None:
    """Raises ``NotThem`` unless the server's own certificate fits, or an authority's that it is proven to come from.

    Names and dates matter for an authority's alone (RFC 7672 section 3.1.1).
    """
    if not isinstance(sock, ssl.SSLSocket):
        raise NotThem("the line is not secured")
    try:
        chain = _shown(sock)
    except (ValueError, AttributeError) as error:
        raise NotThem("no certificate can be read") from error
    usable = [r for r in records if r.usable]
    if any(r.usage == _OWN and r.fits(chain[0]) for r in usable):
        return
    authorities = [c for c in chain for r in usable if r.usage == _AUTHORITY and r.fits(c)]
    if not any(_comes_from(authority, chain, host) for authority in authorities):
        raise NotThem("no record fits")


def _shown(sock: ssl.SSLSocket) -> list[x509.Certificate]:
    """The server's own first, then what it sent besides. Before Python 3.13 only the socket's inner half tells."""
    inner = getattr(sock, "_sslobj", None)
    tell = getattr(sock, "get_unverified_chain", None) or inner.get_unverified_chain  # type: ignore[union-attr]
    pieces = [c if isinstance(c, bytes) else ssl.PEM_cert_to_DER_cert(c.public_bytes()) for c in tell() or ()]
    own = sock.getpeercert(binary_form=True)
    if own is None:
        raise ValueError("no certificate")
    return [x509.load_der_x509_certificate(d) for d in (own, *(p for p in pieces if p != own))]


def _comes_from(authority: x509.Certificate, chain: Sequence[x509.Certificate], host: str) -> bool:
    try:
        builder = verification.PolicyBuilder().store(verification.Store([authority]))
        builder.build_server_verifier(x509.DNSName(host)).verify(chain[0], list(chain[1:]))
    except (verification.VerificationError, ValueError):
        return False
    return True
