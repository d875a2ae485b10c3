"""Writes and checks CMS enveloped-data (RFC 5652 section 6): AES-256-CBC, to RSA and elliptic keys.

Input: our own payload, and certificates that passed ``x509_gate``. Failure: ``MalformedEnvelope`` from the check.

The cryptography is the ``cryptography`` library's; only structure is written here, and the content streams through,
so that a large mail is not in memory several times. The library's own ``PKCS7EnvelopeBuilder`` holds three copies more
and knows no elliptic keys (docs/adr/0003).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from asn1crypto import algos, cms, core, keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.protect.x509_gate import LiveCertificate

_KEY = 32
_BLOCK = 16
_CHUNK = 1 << 18
_AES256_CBC = "aes256_cbc"
_AES256_WRAP = "2.16.840.1.101.3.4.1.45"
_ECDH_SHA256 = "1.3.132.1.11.1"  # dhSinglePass-stdDH-sha256kdf-scheme, RFC 5753 section 7.1.4
_SEQUENCE, _SET, _CONTEXT_0, _CONTENT = 0x30, 0x31, 0xA0, 0x80


class MalformedEnvelope(ValueError):
    """Not the envelope that was meant to be written."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope's outside says: (issuer, serial) of each recipient, and the cipher's name."""

    recipients: tuple[tuple[bytes, int], ...]
    cipher: str


class _SharedInfo(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    """ECC-CMS-SharedInfo, RFC 5753 section 7.2."""

    _fields = [  # noqa: RUF012 - asn1crypto's own way of declaring
        ("key_info", algos.AlgorithmIdentifier),
        ("party_u_info", core.OctetString, {"explicit": 0, "optional": True}),
        ("supp_pub_info", core.OctetString, {"explicit": 2}),
    ]


def seal(pieces: Sequence[bytes | memoryview], recipients: Sequence[LiveCertificate]) -> Iterator[bytes]:
    """The DER of ContentInfo around EnvelopedData, in pieces. ``pieces`` together are the content."""
    key, iv = secrets.token_bytes(_KEY), secrets.token_bytes(_BLOCK)
    length = sum(len(p) for p in pieces)
    yield _head(key, iv, recipients, length + _BLOCK - length % _BLOCK)
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    for piece in pieces:
        view = memoryview(piece)
        for start in range(0, len(view), _CHUNK):
            yield encryptor.update(view[start : start + _CHUNK])
    fill = _BLOCK - length % _BLOCK
    yield encryptor.update(bytes([fill]) * fill) + encryptor.finalize()


def identity(certificate: LiveCertificate) -> tuple[bytes, int]:
    """(issuer, serial), the issuer as DER."""
    parsed = asn1_x509.Certificate.load(certificate.der)
    return parsed.issuer.dump(), parsed.serial_number


def read(head: bytes, total: int) -> Envelope:
    """A second opinion on an envelope of ``total`` octets, from its first ones. Raises ``MalformedEnvelope``."""
    try:
        info, _ = _enter(head, 0, _SEQUENCE, total)
        kind, at = _element(head, info)
        explicit, _ = _enter(head, at, _CONTEXT_0, total)
        at, _ = _enter(head, explicit, _SEQUENCE, total)
        _, at = _element(head, at)  # the version
        infos, at = _element(head, at)
        content, _ = _enter(head, at, _SEQUENCE, total)
        _, at = _element(head, content)  # the content type
        algorithm, at = _element(head, at)
        _enter(head, at, _CONTENT, total)
        if core.ObjectIdentifier.load(kind).native != cms.ContentType.unmap("enveloped_data"):
            raise MalformedEnvelope("not enveloped data")
        named = tuple(n for i in cms.RecipientInfos.load(infos, strict=True) for n in _names(i))
        return Envelope(named, algos.EncryptionAlgorithm.load(algorithm, strict=True)["algorithm"].native)
    except (ValueError, IndexError, TypeError, KeyError) as e:
        raise MalformedEnvelope("the envelope cannot be read") from e


def _names(info: cms.RecipientInfo) -> list[tuple[bytes, int]]:
    if info.name == "ktri":
        return [_name(info.chosen["rid"])]
    if info.name == "kari":
        return [_name(k["rid"]) for k in info.chosen["recipient_encrypted_keys"]]
    raise MalformedEnvelope("a recipient of a kind that was not meant")


def _name(rid: core.Choice) -> tuple[bytes, int]:
    if rid.name != "issuer_and_serial_number":
        raise MalformedEnvelope("a recipient named in another way")
    return rid.chosen["issuer"].dump(), rid.chosen["serial_number"].native


def _element(data: bytes, at: int) -> tuple[bytes, int]:
    """One whole element, and where the next begins."""
    start, length = _length(data, at + 1)
    if start + length > len(data):
        raise MalformedEnvelope("an element that does not end")
    return data[at : start + length], start + length


def _enter(data: bytes, at: int, tag: int, total: int) -> tuple[int, int]:
    """Where the content of the last element begins; it must reach exactly to the envelope's end."""
    start, length = _length(data, at + 1)
    if data[at] != tag or start + length != total:
        raise MalformedEnvelope("an element that is not where it should be")
    return start, length


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = data[at]
    if first < 0x80:  # noqa: PLR2004 - DER's short form
        return at + 1, first
    count = first & 0x7F
    return at + 1 + count, int.from_bytes(data[at + 1 : at + 1 + count])


def _head(key: bytes, iv: bytes, recipients: Sequence[LiveCertificate], content_length: int) -> bytes:
    """Everything before the encrypted content."""
    infos = cms.RecipientInfos([_recipient(key, r) for r in recipients])
    version = 2 if any(i.name == "kari" for i in infos) else 0  # RFC 5652 section 6.1
    algorithm = algos.EncryptionAlgorithm({"algorithm": _AES256_CBC, "parameters": core.OctetString(iv)}).dump()
    content = core.ObjectIdentifier(cms.ContentType.unmap("data")).dump() + algorithm
    content += _header(_CONTENT, content_length)
    enveloped = core.Integer(version).dump() + infos.dump()
    enveloped += _header(_SEQUENCE, len(content) + content_length) + content
    wrapped = _header(_SEQUENCE, len(enveloped) + content_length) + enveloped
    info = core.ObjectIdentifier(cms.ContentType.unmap("enveloped_data")).dump()
    info += _header(_CONTEXT_0, len(wrapped) + content_length) + wrapped
    return bytes(_header(_SEQUENCE, len(info) + content_length) + info)


def _header(tag: int, length: int) -> bytes:
    if length < 0x80:  # noqa: PLR2004 - DER's short form
        return bytes([tag, length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets


def _recipient(key: bytes, to: LiveCertificate) -> cms.RecipientInfo:
    certificate = asn1_x509.Certificate.load(to.der)
    rid = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    if isinstance(to.public_key, ec.EllipticCurvePublicKey):
        return cms.RecipientInfo({"kari": _agreed(key, to.public_key, rid)})
    transported = {
        "version": 0,
        "rid": cms.RecipientIdentifier({"issuer_and_serial_number": rid}),
        "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15", "parameters": core.Null()},
        "encrypted_key": to.public_key.encrypt(key, padding.PKCS1v15()),
    }
    return cms.RecipientInfo({"ktri": cms.KeyTransRecipientInfo(transported)})


def _agreed(key: bytes, public: ec.EllipticCurvePublicKey, rid: dict[str, object]) -> cms.KeyAgreeRecipientInfo:
    """Ephemeral-static ECDH, X9.63 derivation, AES-256 key wrap (RFC 5753 section 3.1)."""
    ephemeral = ec.generate_private_key(public.curve)
    wrap = algos.AlgorithmIdentifier({"algorithm": _AES256_WRAP})
    shared = _SharedInfo({"key_info": wrap, "supp_pub_info": (8 * _KEY).to_bytes(4)}).dump()
    wrapping = X963KDF(hashes.SHA256(), _KEY, shared).derive(ephemeral.exchange(ec.ECDH(), public))
    originator = keys.PublicKeyInfo.load(
        ephemeral.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    return cms.KeyAgreeRecipientInfo({
        "version": 3,
        "originator": cms.OriginatorIdentifierOrKey({"originator_key": originator}),
        "key_encryption_algorithm": {"algorithm": _ECDH_SHA256, "parameters": wrap},
        "recipient_encrypted_keys": [{
            "rid": cms.KeyAgreementRecipientIdentifier({"issuer_and_serial_number": rid}),
            "encrypted_key": aes_key_wrap(wrapping, key),
        }],
    })  # fmt: skip
