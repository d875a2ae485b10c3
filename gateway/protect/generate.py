"""Makes keys: the service's own, and sample recipients' for the demonstration and the tests.

Input: names and addresses from an administrator. Failure: ``ValueError`` for a lifetime that is none.

OpenPGP keys are written by PGPy, because those of pysequoia announce that they understand SEIPDv2, and GnuPG 2.2,
which does not, then cannot read what is sent to them (docs/adr/0003).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_RSA_BITS = 3072
_AUTHORITY_CURVE = ec.SECP256R1()
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
AnyKey = PrivateKey | x25519.X25519PrivateKey


def make_openpgp_key(
    name: str, address: str, now: datetime, lifetime: timedelta, passphrase: str | None = None
) -> tuple[bytes, bytes]:
    """An Ed25519 key that certifies and signs, with a Curve25519 subkey: (armoured secret key, binary certificate)."""
    _require_positive(lifetime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PGPy warns of what cryptography will take away; the pin answers that
        return _pgpy_key(name, address, now, lifetime, passphrase)


def _pgpy_key(
    name: str, address: str, now: datetime, lifetime: timedelta, passphrase: str | None
) -> tuple[bytes, bytes]:
    from pgpy import PGPUID, PGPKey  # noqa: PLC0415 - slow to import, and not needed to protect mail
    from pgpy.constants import (  # noqa: PLC0415 - slow to load, and seldom needed
        CompressionAlgorithm,
        EllipticCurveOID,
        HashAlgorithm,
        KeyFlags,
        PubKeyAlgorithm,
        SymmetricKeyAlgorithm,
    )

    created = now.replace(microsecond=0)
    key = PGPKey.new(PubKeyAlgorithm.EdDSA, EllipticCurveOID.Ed25519, created=created)
    key.add_uid(
        PGPUID.new(name, email=address),
        usage={KeyFlags.Certify, KeyFlags.Sign},
        hashes=[HashAlgorithm.SHA512, HashAlgorithm.SHA256],
        ciphers=[SymmetricKeyAlgorithm.AES256, SymmetricKeyAlgorithm.AES128],
        compression=[CompressionAlgorithm.Uncompressed],
        key_expiration=lifetime,
        created=created,
        primary=True,
    )
    subkey = PGPKey.new(PubKeyAlgorithm.ECDH, EllipticCurveOID.Curve25519, created=created)
    key.add_subkey(subkey, usage={KeyFlags.EncryptCommunications, KeyFlags.EncryptStorage}, created=created)
    certificate = bytes(key.pubkey)
    if passphrase is not None:
        key.protect(passphrase, SymmetricKeyAlgorithm.AES256, HashAlgorithm.SHA256)
    return str(key).encode("ascii"), certificate


def make_smime_authority(
    name: str,
    now: datetime,
    lifetime: timedelta,
    issuer: tuple[bytes, bytes] | None = None,
    path_length: int = 0,
) -> tuple[bytes, bytes]:
    """A certificate authority of one's own: (key, certificate), PEM. ``issuer``: another that vouches for it.

    ``path_length``: how many authorities may stand between it and a person.
    """
    _require_positive(lifetime)
    key = ec.generate_private_key(_AUTHORITY_CURVE)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = _issuer(issuer) if issuer else (subject, key)
    builder = _builder(subject, issuer_name, key, now, lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
    return _pem(key, None), builder.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def make_smime_identity(
    name: str,
    address: str,
    now: datetime,
    lifetime: timedelta,
    issuer: tuple[bytes, bytes] | None = None,
    *,
    elliptic: bool = False,
    passphrase: bytes | None = None,
    key: AnyKey | None = None,
    more: Sequence[x509.ExtensionType] = (),
) -> tuple[bytes, bytes]:
    """A person's key and certificate for signing and encrypting (RFC 8550): (key, certificate), PEM.

    ``issuer`` is what :func:`make_smime_authority` gave; without one it is self-signed, which X25519 cannot be.
    RSA 3072, or P-256, or ``key``. ``more``: further extensions, none of them critical.
    """
    _require_positive(lifetime)
    if key is None:
        key = ec.generate_private_key(ec.SECP256R1()) if elliptic else rsa.generate_private_key(65537, _RSA_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name, issuer_key = _issuer(issuer) if issuer else (subject, _signing(key))
    builder = _builder(subject, issuer_name, key, now, lifetime)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(*_uses(key)), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    for extension in (x509.SubjectAlternativeName([x509.RFC822Name(address)]), *more):
        builder = builder.add_extension(extension, critical=False)
    return _pem(key, passphrase), builder.sign(issuer_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _issuer(issuer: tuple[bytes, bytes]) -> tuple[x509.Name, PrivateKey]:
    return x509.load_pem_x509_certificate(issuer[1]).subject, _signing(load_pem_private_key(issuer[0], None))


def _signing(key: object) -> PrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("a key that signs certificates is RSA or elliptic")
    return key


def _uses(key: AnyKey) -> tuple[str, ...]:
    """What its owner does with it; X25519 can only agree on keys (RFC 8410 section 5)."""
    if isinstance(key, x25519.X25519PrivateKey):
        return ("key_agreement",)
    return "digital_signature", "key_encipherment" if isinstance(key, rsa.RSAPrivateKey) else "key_agreement"


def _builder(
    subject: x509.Name, issuer: x509.Name, key: AnyKey, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + lifetime)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _usage(*uses: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{use: use in uses for use in every})


def _pem(key: AnyKey, passphrase: bytes | None) -> bytes:
    sealed: KeySerializationEncryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed)


def _require_positive(lifetime: timedelta) -> None:
    if lifetime <= timedelta(0):
        raise ValueError("a lifetime must be longer than nothing")
