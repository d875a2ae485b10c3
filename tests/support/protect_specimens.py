"""Keys in every state that the gates must tell apart, and messages to protect.

Made anew in each run: the engines read the machine's clock, so these cannot hang on a fixed date.
"""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from pgpy import PGPUID, PGPKey, PGPSignature
from pgpy.constants import EllipticCurveOID, HashAlgorithm, KeyFlags, PubKeyAlgorithm, SignatureType
from pysequoia.packet import Packet, PacketPile, Tag

from domain.decision import Method
from domain.model import Address, Envelope, Message
from domain.ports import StoredKey
from gateway.clock import SystemClock
from gateway.protect import generate

NOW = SystemClock().now().replace(microsecond=0) - timedelta(seconds=60)
DAY = timedelta(days=1)
YEAR = 365 * DAY
CARER = Address.of("carer@carers.example")
OFFICER = Address.of("officer@council.example")
ENVELOPE = Envelope(OFFICER, (CARER,), NOW)
SUBJECT = "All About Me of Ann Lee"
HEADER = (
    b"Received: from a by b; Mon, 2 Nov 2026 10:00:00 +0000\r\n"
    b"From: Olive Officer <officer@council.example>\r\n"
    b"To: Carer <Carer@Carers.example>\r\n"
    b"Bcc: hidden@elsewhere.example\r\n"
    b"Subject: All About Me of Ann Lee\r\n"
    b"Message-ID: <one@council.example>\r\n"
    b"Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n"
    b"MIME-Version: 1.0\r\n"
)
TEXT = HEADER + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"

warnings.filterwarnings("ignore", module="pgpy")


def message(raw: bytes, subject: str = SUBJECT) -> Message:
    """As the parser would give it, so far as protecting looks."""
    end = raw.find(b"\r\n\r\n")
    offset = len(raw) if end < 0 else end + 4
    return Message(raw, offset, subject, "<one@council.example>", OFFICER.text, ())


def pgp(data: bytes) -> StoredKey:
    return StoredKey(Method.OPENPGP, "fingerprint", data)


def smime(pem: bytes) -> StoredKey:
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    return StoredKey(Method.SMIME, "fingerprint", der)


@cache
def service_pgp() -> tuple[bytes, bytes]:
    return generate.make_openpgp_key("Sallyport", "sallyport@council.example", NOW, YEAR)


@cache
def carer_pgp() -> tuple[bytes, bytes]:
    return generate.make_openpgp_key("Carer", CARER.text, NOW, YEAR)


@cache
def authority() -> tuple[bytes, bytes]:
    return generate.make_smime_authority("Test authority", NOW - DAY, YEAR)


@cache
def service_smime() -> tuple[bytes, bytes]:
    return generate.make_smime_identity("Sallyport", "sallyport@council.example", NOW - DAY, YEAR, authority())


@cache
def carer_smime(*, elliptic: bool = False) -> tuple[bytes, bytes]:
    return generate.make_smime_identity("Carer", CARER.text, NOW - DAY, YEAR, authority(), elliptic=elliptic)


def primary(created: datetime = NOW - 400 * DAY, lifetime: timedelta | None = None, uid: str = CARER.text) -> PGPKey:
    """A certifying and signing key without subkeys."""
    key = PGPKey.new(PubKeyAlgorithm.EdDSA, EllipticCurveOID.Ed25519, created=created)
    key.add_uid(
        PGPUID.new("Carer", email=uid),
        usage={KeyFlags.Certify, KeyFlags.Sign},
        hashes=[HashAlgorithm.SHA256],
        key_expiration=lifetime,
        created=created,
    )
    return key


def new_subkey(created: datetime = NOW - 400 * DAY) -> PGPKey:
    return PGPKey.new(PubKeyAlgorithm.ECDH, EllipticCurveOID.Curve25519, created=created)


def add_subkey(key: PGPKey, subkey: PGPKey, created: datetime, lifetime: timedelta | None = None) -> str:
    """Bind it, with an expiry that PGPy itself cannot write; gives the key id."""
    key.add_subkey(subkey, usage={KeyFlags.EncryptCommunications}, created=created)
    bound = key.subkeys[subkey.fingerprint.keyid]
    if lifetime is not None:
        bound._signatures.clear()
        bound |= binding(key, bound, created, lifetime)
    return str(subkey.fingerprint.keyid)


def binding(signer: PGPKey, subkey: PGPKey, created: datetime, lifetime: timedelta | None) -> PGPSignature:
    """A binding signature by ``signer``, who need not be the owner."""
    sig = PGPSignature.new(
        SignatureType.Subkey_Binding,
        signer.key_algorithm,
        HashAlgorithm.SHA256,
        signer.fingerprint.keyid,
        created=created,
    )
    sig._signature.subpackets.addnew("KeyFlags", hashed=True, flags={KeyFlags.EncryptCommunications})
    if lifetime is not None:
        sig._signature.subpackets.addnew("KeyExpirationTime", hashed=True, expires=lifetime)
    return signer._sign(subkey, sig)


def packets(data: bytes) -> list[Packet]:
    return list(PacketPile.from_bytes(data))


def joined(*parts: bytes | Packet) -> bytes:
    return b"".join(bytes(p) for p in parts)


def replayed(owner: bytes, stranger: bytes) -> bytes:
    """The owner's certificate with the stranger's subkey slipped in, under the owner's own binding signature."""
    own = packets(owner)
    alien = next(p for p in packets(stranger) if p.tag == Tag.PublicSubkey)
    at = next(i for i, p in enumerate(own) if p.tag == Tag.PublicSubkey)
    return joined(*own[:at], alien, own[at + 1], *own[at:])


def certificate(key_pem: bytes, *extensions: tuple[x509.ExtensionType, bool], start: datetime, end: datetime) -> bytes:
    """A self-signed certificate with just these extensions, PEM."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(key_pem, None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Carer")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(77)
    builder = builder.public_key(key.public_key()).not_valid_before(start).not_valid_after(end)  # type: ignore[arg-type]
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    digest = None if "Ed25519" in type(key).__name__ else hashes.SHA256()
    return builder.sign(key, digest).public_bytes(Encoding.PEM)  # type: ignore[arg-type]
