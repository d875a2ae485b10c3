"""The gate before every use of an X.509 certificate for S/MIME (RFC 8550): whether it may be encrypted to now.

Input: whatever somebody once handed in as a certificate; hostile. Failure: ``UnusableKey``, with a plain reason.

Trust comes from the register: an administrator tied this very certificate to this person. Where the settings name
authorities, ``chains.py`` asks for their word besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, PublicKeyAlgorithmOID

from domain.errors import UnusableKey
from domain.model import folded
from gateway.protect.capabilities import Reads, announced
from gateway.protect.containment import day, refusing

_MAX_OCTETS = 100_000
_MIN_RSA_BITS = 2048
_MAX_RSA_BITS = 16384
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_MAIL_USES = frozenset({ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})

_UNREADABLE = "it cannot be read as an S/MIME certificate"
_SIGNS = "it is for signing only"

E = TypeVar("E", bound=x509.ExtensionType)
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | x25519.X25519PublicKey


@dataclass(frozen=True, slots=True)
class LiveCertificate:
    """A certificate that passed, as read from ``der``.

    ``addresses`` are those inside it, folded; ``reads`` is what it announces of its owner's program.
    """

    cert: x509.Certificate = field(repr=False)
    public_key: PublicKey = field(repr=False)
    der: bytes = field(repr=False)
    addresses: frozenset[str]
    expires_at: datetime
    reads: Reads

    @property
    def key_id(self) -> str:
        """The serial number, upper-case hexadecimal: what the message names the recipient by, with the issuer."""
        return f"{self.cert.serial_number:X}"


def pass_gate(data: bytes, now: datetime) -> LiveCertificate:
    """The certificate, if it may be encrypted to. Raises ``UnusableKey`` and nothing else, whatever the octets are."""
    with refusing(_UNREADABLE):
        return _examine(data, now)


def addresses_in(cert: x509.Certificate) -> frozenset[str]:
    """The rfc822Names and, where there are none, the e-mail attributes of the subject (RFC 8550 section 3); folded."""
    names = _extension(cert, x509.SubjectAlternativeName)
    found = names.get_values_for_type(x509.RFC822Name) if names else []
    if not found:
        found = [str(a.value) for a in cert.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    return frozenset(folded(a) for a in found)


def _examine(data: bytes, now: datetime) -> LiveCertificate:
    if len(data) > _MAX_OCTETS:
        raise UnusableKey("it is larger than any real certificate")
    cert = x509.load_der_x509_certificate(data)
    _require_time(cert, now)
    public_key = _public_key(cert)
    _require_purpose(cert, agreement=not isinstance(public_key, rsa.RSAPublicKey))
    return LiveCertificate(cert, public_key, data, addresses_in(cert), cert.not_valid_after_utc, announced(cert))


def _require_time(cert: x509.Certificate, now: datetime) -> None:
    if now < cert.not_valid_before_utc:
        raise UnusableKey(f"it is not valid before {day(cert.not_valid_before_utc)}")
    if now >= cert.not_valid_after_utc:
        raise UnusableKey(f"it expired on {day(cert.not_valid_after_utc)}")


def _public_key(cert: x509.Certificate) -> PublicKey:
    try:
        key = cert.public_key()
    except UnsupportedAlgorithm as e:
        raise UnusableKey("this kind of key is not supported yet") from e
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES):
        return key
    if isinstance(key, x25519.X25519PublicKey):
        return key
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        raise UnusableKey(_SIGNS)
    plain_rsa = cert.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSAES_PKCS1_v1_5
    if not isinstance(key, rsa.RSAPublicKey) or not plain_rsa:
        raise UnusableKey("this kind of key is not supported yet")
    if key.key_size < _MIN_RSA_BITS:
        raise UnusableKey("its key is too short to be safe")
    if key.key_size > _MAX_RSA_BITS:
        raise UnusableKey("its key is longer than any real one")
    return key


def _require_purpose(cert: x509.Certificate, *, agreement: bool) -> None:
    """RFC 8550 section 4.4: not an authority's, made for encryption keys, and for mail where it says for what."""
    for extension in cert.extensions:
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            raise UnusableKey("it sets a condition that is not understood")
    constraints = _extension(cert, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise UnusableKey("it belongs to a certificate authority, not to a person")
    usage = _extension(cert, x509.KeyUsage)
    if usage is not None and not (usage.key_agreement if agreement else usage.key_encipherment):
        raise UnusableKey(_SIGNS)
    purposes = _extension(cert, x509.ExtendedKeyUsage)
    if purposes is not None and not _MAIL_USES & set(purposes):
        raise UnusableKey("it is not meant for mail")


def _extension(cert: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return cert.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
