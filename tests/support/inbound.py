"""Mail as it comes in from outside: signed by OpenPGP or S/MIME, with keys in it, or with an Autocrypt header."""

from __future__ import annotations

import base64
import hashlib

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7
from pysequoia import ArmorKind as Armour
from pysequoia import SignatureMode, Tsk, armor, sign

AUTHOR = "carer@carers.example"
_END = "\r\n"


def header(author: str, *more: str) -> bytes:
    """With To, Subject and MIME-Version."""
    lines = [f"From: A Carer <{author}>", "To: officer@council.example", "Subject: Hello", "MIME-Version: 1.0", *more]
    return (_END.join(lines) + _END).encode()


def signed_whole(content: bytes, signature: bytes, protocol: str, author: str) -> bytes:
    """A multipart/signed (RFC 1847) around it."""
    kind = f'Content-Type: multipart/signed; protocol="{protocol}"; micalg=sha-256; boundary="cut"'
    parts = [b"", content, b"Content-Type: " + protocol.encode() + b"\r\n" + signature]
    return header(author, kind) + b"\r\n--cut\r\n".join(parts) + b"\r\n--cut--\r\n"


def with_key(public: bytes) -> bytes:
    """What is signed: some words, and a key attached (RFC 3156 section 7)."""
    attached = armor(public, Armour.PublicKey).replace("\n", _END).encode()
    text = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGood morning.\r\n"
    key = b'Content-Type: application/pgp-keys; name="key.asc"\r\nContent-Disposition: attachment\r\n\r\n' + attached
    head = b'Content-Type: multipart/mixed; boundary="in"\r\n\r\n'
    return head + b"--in\r\n" + text + b"\r\n--in\r\n" + key + b"\r\n--in--\r\n"


def openpgp(secret: bytes, public: bytes, author: str = AUTHOR, content: bytes | None = None) -> bytes:
    """A mail signed by the secret key, with a key attached. ``content``: something else under the signature."""
    signed = with_key(public)
    over = sign(Tsk.from_bytes(secret).signer(), signed if content is None else content, mode=SignatureMode.DETACHED)
    return signed_whole(signed, b"\r\n" + bytes(over).replace(b"\n", b"\r\n"), "application/pgp-signature", author)


def smime(key: bytes, certificate: bytes, author: str = AUTHOR, *, opaque: bool = False, words: bytes = b"") -> bytes:
    """A mail signed by ``cryptography``. ``words``: what it shows, where that is not what was signed."""
    content = b"Content-Type: text/plain\r\n\r\nGood morning.\r\n"
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    private = load_pem_private_key(key, None)
    builder = builder.add_signer(x509.load_pem_x509_certificate(certificate), private, hashes.SHA256())  # type: ignore[arg-type]
    if opaque:
        return _opaque(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]), author)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return _cms(words or content, builder.sign(Encoding.DER, options), author)


def _cms(content: bytes, signature: bytes, author: str) -> bytes:
    encoded = base64.encodebytes(signature).replace(b"\n", b"\r\n")
    encoded = b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded
    return signed_whole(content, encoded, "application/pkcs7-signature", author)


def _opaque(signed: bytes, author: str) -> bytes:
    fields = ("Content-Type: application/pkcs7-mime; smime-type=signed-data", "Content-Transfer-Encoding: base64")
    return header(author, *fields) + b"\r\n" + base64.encodebytes(signed)


def smime_with_two(key: bytes, signing: bytes, encryption: bytes, author: str, *, named: bool = True) -> bytes:
    """Signed by one certificate, with another in it; ``named``: as the one to encrypt to (RFC 8551 section 2.5.3)."""
    content = b"Content-Type: text/plain\r\n\r\nGood morning.\r\n"
    own, other = (
        asn1_x509.Certificate.load(x509.load_pem_x509_certificate(c).public_bytes(Encoding.DER))
        for c in (signing, encryption)
    )
    attributes = [
        {"type": "content_type", "values": ["data"]},
        {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
    ]
    if named:
        name = cms.IssuerAndSerialNumber({"issuer": other.issuer, "serial_number": other.serial_number})
        preference = cms.SMIMEEncryptionKeyPreference(name="issuer_and_serial_number", value=name)
        attributes.append({"type": "encrypt_key_pref", "values": [preference]})
    signed = cms.CMSAttributes(attributes)
    private = load_pem_private_key(key, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}}
        ),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": signed,
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
        "signature": private.sign(signed.dump(), padding.PKCS1v15(), hashes.SHA256()),
    }
    data = cms.SignedData({
        "version": "v1",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [own, other],
        "signer_infos": [signer],
    })  # fmt: skip
    return _cms(content, cms.ContentInfo({"content_type": "signed_data", "content": data}).dump(), author)


def autocrypt(public: bytes, author: str = AUTHOR, addr: str = "", more: str = "prefer-encrypt=mutual; ") -> str:
    """The field. ``more`` are attributes before the key's data."""
    return f"Autocrypt: addr={addr or author}; {more}keydata={_END}  {base64.b64encode(public).decode()}"


def plain(*more: str, author: str = AUTHOR) -> bytes:
    """A mail with these fields besides, unsigned."""
    return header(author, "Content-Type: text/plain", *more) + b"\r\nGood morning.\r\n"
