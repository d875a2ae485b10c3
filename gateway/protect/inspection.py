"""Recognises keys that a person hands in: OpenPGP or X.509, armoured or binary, one or several in a file.

Input: any file; hostile. Failure: what is no key is left out, so an empty answer means that none was recognised.
What is recognised is not thereby usable: the gates say that. Private halves are never carried along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from pysequoia import Cert
from pysequoia.packet import PacketPile, Tag

from domain.decision import Method
from domain.ports import StoredKey
from gateway.protect.containment import is_failure
from gateway.protect.x509_gate import addresses_in

_MAX_OCTETS = 5_000_000
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """For a person to read before the key is stored. ``holder`` is its name line, ``addresses`` are those inside."""

    stored: StoredKey
    holder: str
    addresses: tuple[str, ...]
    expires_at: datetime | None
    had_secret: bool = False


def inspect(data: bytes) -> list[FoundKey]:
    """Every certificate in the file. ``had_secret`` warns that a private key came with it, which nobody should send."""
    if len(data) > _MAX_OCTETS:
        return []
    readers: tuple[Callable[[bytes], list[FoundKey]], ...] = (_openpgp, _pem, _der, _pkcs7)
    for reader in readers:
        try:
            if found := reader(data):
                return found
        except BaseException as e:  # the next reader may know it
            if not is_failure(e):
                raise
    return []


def _openpgp(data: bytes) -> list[FoundKey]:
    secret = any(p.tag == Tag.SecretKey for p in PacketPile.from_bytes(data))
    return [_found_cert(c, had_secret=secret) for c in Cert.split_bytes(data)]


def _found_cert(cert: Cert, *, had_secret: bool) -> FoundKey:
    public = bytes(cert)
    emails = [p.user_id_email for p in PacketPile.from_bytes(public) if p.tag == Tag.UserID]
    valid = [str(u) for u in cert.user_ids]
    return FoundKey(
        StoredKey(Method.OPENPGP, cert.fingerprint.upper(), public),
        holder=valid[0] if valid else "",
        addresses=tuple(dict.fromkeys(e for e in emails if e and any(e in v for v in valid))),
        expires_at=cert.expiration,
        had_secret=had_secret,
    )


def _pem(data: bytes) -> list[FoundKey]:
    if _CERTIFICATE not in data:
        return []
    secret = b"PRIVATE KEY-----" in data
    return [_found_x509(c, had_secret=secret) for c in x509.load_pem_x509_certificates(data)]


def _der(data: bytes) -> list[FoundKey]:
    return [_found_x509(x509.load_der_x509_certificate(data))]


def _pkcs7(data: bytes) -> list[FoundKey]:
    """A ``.p7b`` or ``.p7c`` file, as Outlook and browsers export them."""
    load = pkcs7.load_pem_pkcs7_certificates if b"-----BEGIN" in data else pkcs7.load_der_pkcs7_certificates
    return [_found_x509(c) for c in load(data)]


def _found_x509(cert: x509.Certificate, *, had_secret: bool = False) -> FoundKey:
    fingerprint = cert.fingerprint(hashes.SHA256()).hex().upper()
    return FoundKey(
        StoredKey(Method.SMIME, fingerprint, cert.public_bytes(Encoding.DER)),
        holder=cert.subject.rfc4514_string(),
        addresses=tuple(sorted(addresses_in(cert))),
        expires_at=cert.not_valid_after_utc,
        had_secret=had_secret,
    )
