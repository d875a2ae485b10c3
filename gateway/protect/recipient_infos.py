"""The entry for one recipient in a CMS envelope: the content's key, for the owner of a certificate alone.

RSA: transported by PKCS#1 v1.5, or OAEP where the owner's program reads it (RFC 3560). Elliptic: ephemeral-static ECDH
with X9.63 derivation (RFC 5753 section 3.1). X25519: the same with HKDF (RFC 8418). The last two wrap by AES-256.
"""

from __future__ import annotations

from asn1crypto import algos, cms, core, keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, x25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.protect.x509_gate import LiveCertificate

_WRAPPING = 32
_AES256_WRAP = "2.16.840.1.101.3.4.1.45"
_ECDH_SHA256 = "1.3.132.1.11.1"  # dhSinglePass-stdDH-sha256kdf-scheme, RFC 5753 section 7.1.4
_ECDH_HKDF_SHA256 = "1.2.840.113549.1.9.16.3.19"  # dhSinglePass-stdDH-hkdf-sha256-scheme, RFC 8418 section 2.2
_SHA256 = {"algorithm": "sha256"}


class _SharedInfo(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    """ECC-CMS-SharedInfo, RFC 5753 section 7.2."""

    _fields = [  # noqa: RUF012 - asn1crypto's own way of declaring
        ("key_info", algos.AlgorithmIdentifier),
        ("party_u_info", core.OctetString, {"explicit": 0, "optional": True}),
        ("supp_pub_info", core.OctetString, {"explicit": 2}),
    ]


def entry(key: bytes, to: LiveCertificate) -> cms.RecipientInfo:
    """For one certificate, by what its key is and what it says that its owner reads."""
    certificate = asn1_x509.Certificate.load(to.der)
    rid = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    if isinstance(to.public_key, rsa.RSAPublicKey):
        return cms.RecipientInfo({"ktri": _transported(key, to.public_key, rid, oaep=to.reads.oaep)})
    return cms.RecipientInfo({"kari": _agreed(key, to.public_key, rid)})


def _transported(
    key: bytes, public: rsa.RSAPublicKey, rid: dict[str, object], *, oaep: bool
) -> cms.KeyTransRecipientInfo:
    fill: padding.AsymmetricPadding = padding.PKCS1v15()
    algorithm: dict[str, object] = {"algorithm": "rsaes_pkcs1v15", "parameters": core.Null()}
    if oaep:
        fill = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
        masked = {"algorithm": "mgf1", "parameters": _SHA256}
        parameters = algos.RSAESOAEPParams({"hash_algorithm": _SHA256, "mask_gen_algorithm": masked})
        algorithm = {"algorithm": "rsaes_oaep", "parameters": parameters}
    return cms.KeyTransRecipientInfo({
        "version": 0,
        "rid": cms.RecipientIdentifier({"issuer_and_serial_number": rid}),
        "key_encryption_algorithm": algorithm,
        "encrypted_key": public.encrypt(key, fill),
    })  # fmt: skip


def _agreed(
    key: bytes, public: ec.EllipticCurvePublicKey | x25519.X25519PublicKey, rid: dict[str, object]
) -> cms.KeyAgreeRecipientInfo:
    wrap = algos.AlgorithmIdentifier({"algorithm": _AES256_WRAP})
    shared = _SharedInfo({"key_info": wrap, "supp_pub_info": (8 * _WRAPPING).to_bytes(4)}).dump()
    if isinstance(public, x25519.X25519PublicKey):
        scheme, ours, wrapping = _by_x25519(public, shared)
    else:
        scheme, ours, wrapping = _by_curve(public, shared)
    return cms.KeyAgreeRecipientInfo({
        "version": 3,
        "originator": cms.OriginatorIdentifierOrKey({"originator_key": keys.PublicKeyInfo.load(ours)}),
        "key_encryption_algorithm": {"algorithm": scheme, "parameters": wrap},
        "recipient_encrypted_keys": [{
            "rid": cms.KeyAgreementRecipientIdentifier({"issuer_and_serial_number": rid}),
            "encrypted_key": aes_key_wrap(wrapping, key),
        }],
    })  # fmt: skip


def _by_curve(public: ec.EllipticCurvePublicKey, shared: bytes) -> tuple[str, bytes, bytes]:
    """The scheme's name, our public half as SubjectPublicKeyInfo, the wrapping key."""
    ephemeral = ec.generate_private_key(public.curve)
    agreed = ephemeral.exchange(ec.ECDH(), public)
    return _ECDH_SHA256, _half(ephemeral), X963KDF(hashes.SHA256(), _WRAPPING, shared).derive(agreed)


def _by_x25519(public: x25519.X25519PublicKey, shared: bytes) -> tuple[str, bytes, bytes]:
    ephemeral = x25519.X25519PrivateKey.generate()
    agreed = ephemeral.exchange(public)
    return _ECDH_HKDF_SHA256, _half(ephemeral), HKDF(hashes.SHA256(), _WRAPPING, None, shared).derive(agreed)


def _half(ephemeral: ec.EllipticCurvePrivateKey | x25519.X25519PrivateKey) -> bytes:
    return ephemeral.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
