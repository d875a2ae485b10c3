"""The certificate of whoever signed a mail by S/MIME, once the signature holds (RFC 5652 section 5, RFC 8551).

Input: signed-data from anybody. Failure: none: what does not hold gives nothing. The cryptography is pyHanko's and
``cryptography``'s. Whether an authority vouches for it is asked later, by whoever would use it (``chains.py``).

Many people sign with one certificate and are encrypted to with another. The second counts if the signer names it in
what is signed (SMIMEEncryptionKeyPreference, RFC 8551 section 2.5.3), it lies in the same mail, and bears the address.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from domain.errors import UnusableKey
from gateway.harvest.signed import Signed
from gateway.protect.inspection import FoundKey, inspect
from gateway.protect.x509_gate import addresses_in, pass_gate

_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_MOST = 16
"""Certificates in one signature."""


def certificates(signed: Signed, author: str, now: datetime) -> list[FoundKey]:
    """At most one: the certificate that mail to ``author`` (folded) may be encrypted to."""
    try:
        found = _proven(signed, author, now)
    except Exception:  # noqa: BLE001 - a hostile structure raises anything
        return []
    return inspect(found) if found else []


def _proven(signed: Signed, author: str, now: datetime) -> bytes | None:
    info = cms.ContentInfo.load(signed.signature, strict=True)
    if info["content_type"].native != "signed_data":
        return None
    data = info["content"]
    (signer,) = data["signer_infos"]
    held = [c.chosen for c in data["certificates"] if c.name == "certificate"]
    if len(held) > _MOST:
        return None
    own = _by_name(signer["sid"], held)
    if own is None or not signature_holds(data, signed.content) or not _may_sign(own, author, now):
        return None
    return next((c.dump() for c in (own, *_preferred(signer, held)) if _takes_mail(c.dump(), author, now)), None)


def _by_name(sid: cms.SignerIdentifier, held: Sequence[asn1_x509.Certificate]) -> asn1_x509.Certificate | None:
    if sid.name == "issuer_and_serial_number":
        return _by_serial(sid.chosen, held)
    return next((c for c in held if c.key_identifier == sid.chosen.native), None)


def _by_serial(named: cms.IssuerAndSerialNumber, held: Iterable[asn1_x509.Certificate]) -> asn1_x509.Certificate | None:
    issuer, serial = named["issuer"].dump(), named["serial_number"].native
    return next((c for c in held if (c.issuer.dump(), c.serial_number) == (issuer, serial)), None)


def signature_holds(data: cms.SignedData, content: bytes | None) -> bool:
    """Whether the one signer's certificate is there and its key signed this content, or what lies inside. May raise."""
    (signer,) = data["signer_infos"]
    own = _by_name(signer["sid"], [c.chosen for c in data["certificates"] if c.name == "certificate"])
    digest = signer["digest_algorithm"]["algorithm"].native
    inside = data["encap_content_info"]["content"].native
    octets = inside if content is None else content
    if own is None or digest not in _DIGESTS or octets is None or (content is not None and inside is not None):
        return False
    intact, valid = validate_sig_integrity(signer, own, "data", hashlib.new(digest, octets).digest())
    return intact and valid


def _may_sign(own: asn1_x509.Certificate, author: str, now: datetime) -> bool:
    certificate = x509.load_der_x509_certificate(own.dump())
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        return False
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return author in addresses_in(certificate)
    return author in addresses_in(certificate) and (usage.digital_signature or usage.content_commitment)


def _preferred(signer: cms.SignerInfo, held: Sequence[asn1_x509.Certificate]) -> list[asn1_x509.Certificate]:
    named = [a["values"][0] for a in signer["signed_attrs"] if a["type"].native == "encrypt_key_pref"]
    serials = [n.chosen for n in named if n.name == "issuer_and_serial_number"]
    return [c for n in serials if (c := _by_serial(n, held)) is not None]


def _takes_mail(der: bytes, author: str, now: datetime) -> bool:
    try:
        return author in pass_gate(der, now).addresses
    except UnusableKey:
        return False
