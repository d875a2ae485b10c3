"""Protecting by S/MIME: signed by the service, then encrypted to the recipient (RFC 8551 section 3.7).

Input: the message and the register's certificates, both untrusted; the certificates pass ``x509_gate`` at each use.
Failure: ``UnusableKey`` or ``ProtectionFailed``; nothing readable is ever returned.

Inside the envelope is multipart/signed, not opaque signed-data: every mail program reads both, but this one keeps the
payload as plain octets, so that even a program that cannot verify shows it, and it streams.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import pybase64
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key, load_pem_private_key, pkcs7

from domain.decision import Method
from domain.errors import ConfigurationError, ProtectionFailed, UnusableKey
from domain.model import Address, Envelope, Message, folded
from domain.outgoing import ProtectedMessage
from domain.ports import KeyVerdict, StoredKey
from gateway.protect import cms
from gateway.protect.capabilities import EVERYTHING
from gateway.protect.chains import Chains, TrustFiles
from gateway.protect.encoding import Base64Lines
from gateway.protect.headers import NEUTRAL_SUBJECT, Division, divide
from gateway.protect.x509_gate import LiveCertificate, pass_gate

_HEAD_LINES = 8192 * 78  # enough of the output for hundreds of recipients' entries
SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SMIME:
    """The ``Protector`` port for CMS. Certificate and key are the service's own, PEM or DER; PEM may hold the chain.

    ``trust``: whose certificates are used at all; None: the register's word is enough. ``modern``: domains whose
    programs read AES-GCM, OAEP and PSS though their certificates do not announce it.

    Raises ``ConfigurationError`` where they cannot be used, or do not belong together.
    """

    method = Method.SMIME

    def __init__(
        self,
        certificate: bytes,
        private_key: bytes,
        passphrase: bytes | None = None,
        neutral_subject: str = NEUTRAL_SUBJECT,
        trust: TrustFiles | None = None,
        modern: Collection[str] = (),
    ) -> None:
        self._neutral_subject = neutral_subject
        self._modern = frozenset(folded(d) for d in modern)
        self._chains = Chains(trust) if trust else None
        try:
            self._own, *self._chain = _load_certificates(certificate)
            self._key = _load_key(private_key, passphrase)
            belongs = self._own.public_key() == self._key.public_key()
        except Exception as e:
            raise ConfigurationError(
                "the S/MIME signing key cannot be used",
                public="The S/MIME certificate, its private key or its passphrase is wrong.",
            ) from e
        if not belongs:
            raise ConfigurationError(
                "the S/MIME certificate is of another key",
                public="The S/MIME certificate and the private key do not belong together.",
            )

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:
        """The gate's verdict; see ``x509_gate``. Never raises on a hostile certificate."""
        try:
            live = self._passed(key, now)
        except UnusableKey as e:
            return KeyVerdict(key, usable=False, reason=e.private)
        return KeyVerdict(key, usable=True, expires_at=live.expires_at)

    def protect(
        self,
        message: Message,
        envelope: Envelope,
        recipient: Address,
        keys: Sequence[StoredKey],
        subject: str,
        now: datetime,
    ) -> ProtectedMessage:
        """See ``domain.ports.Protector``. Every certificate passes the gate again, and must be this recipient's."""
        live = [_of_recipient(self._passed(k, now), k, recipient) for k in keys]
        if not live:
            raise UnusableKey("no certificate to encrypt to")
        if recipient.domain in self._modern:
            live = [replace(c, reads=EVERYTHING) for c in live]
        self._require_own_certificate(now)
        division = divide(message, envelope, subject, self._neutral_subject)
        sort = cms.Sort.GCM if all(c.reads.gcm for c in live) else cms.Sort.CBC
        try:
            out = io.BytesIO()
            start = out.write(division.outer + _HEAD.replace(b"SORT", _NAMES[sort]))
            total = _write_lines(out, self._sealed(division, live, sort))
            _require_recipients(out, start, total, live, sort)
        except ProtectionFailed:
            raise
        except Exception as e:
            raise ProtectionFailed("the S/MIME engine failed", cause=type(e).__name__) from e
        key_ids = tuple(sorted(c.key_id for c in live))
        return ProtectedMessage(envelope.sender, recipient, Method.SMIME, key_ids, out.getvalue())

    def _passed(self, key: StoredKey, now: datetime) -> LiveCertificate:
        live = pass_gate(key.data, now)
        if self._chains is not None:
            self._chains.require(key.data, now)
        return live

    def _require_own_certificate(self, now: datetime) -> None:
        if not self._own.not_valid_before_utc <= now < self._own.not_valid_after_utc:
            raise ProtectionFailed("the service's own S/MIME certificate has expired")

    def _sealed(self, division: Division, live: Sequence[LiveCertificate], sort: cms.Sort) -> Iterator[bytes]:
        """The enveloped, signed payload, in pieces of DER (RFC 8551 section 3.5.3.2 within section 3.3)."""
        payload = b"".join((division.inner, division.body))
        boundary = f"=_{secrets.token_hex(16)}"
        head = _SIGNED_HEAD.replace(b"BOUNDARY", boundary.encode())
        tail = _SIGNED_TAIL.replace(b"BOUNDARY", boundary.encode())
        signature = pybase64.encodebytes(self._signature(payload, pss=all(c.reads.pss for c in live))).replace(
            b"\n", b"\r\n"
        )
        end = f"\r\n--{boundary}--\r\n".encode()
        return cms.seal((head, payload, tail, signature, end), live, sort)

    def _signature(self, payload: bytes, *, pss: bool) -> bytes:
        """Detached signed-data over the octets as they are, with our certificate and its chain, DER."""
        builder = pkcs7.PKCS7SignatureBuilder().set_data(payload)
        fill = _PSS if pss and isinstance(self._key, rsa.RSAPrivateKey) else None
        builder = builder.add_signer(self._own, self._key, hashes.SHA256(), rsa_padding=fill)
        for certificate in self._chain:  # last: set_data and add_signer drop what was added before
            builder = builder.add_certificate(certificate)
        return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def _write_lines(out: io.BytesIO, pieces: Iterable[bytes]) -> int:
    """Base64; gives how many octets there were before it."""
    lines = Base64Lines(out)
    total = 0
    for piece in pieces:
        total += len(piece)
        lines.write(piece)
    lines.finish()
    return total


def _require_recipients(
    out: io.BytesIO, start: int, total: int, live: Sequence[LiveCertificate], sort: cms.Sort
) -> None:
    """The independent check: the written message is for exactly these certificates, by the cipher that was meant."""
    with out.getbuffer() as written:
        head = pybase64.b64decode(written[start : start + _HEAD_LINES])  # which skips line ends
    try:
        envelope = cms.read(head, total)
    except cms.MalformedEnvelope as e:
        raise ProtectionFailed("the S/MIME envelope is not what was meant") from e
    if sorted(envelope.recipients) != sorted(cms.identity(c) for c in live) or envelope.cipher is not sort:
        raise ProtectionFailed("the S/MIME envelope is for others than the intended recipients")


def _of_recipient(live: LiveCertificate, key: StoredKey, recipient: Address) -> LiveCertificate:
    if live.addresses and (key.address or recipient.key) not in live.addresses:
        raise UnusableKey("it is made out to another address")
    return live


def _load_certificates(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def _load_key(data: bytes, passphrase: bytes | None) -> SigningKey:
    load = load_pem_private_key if b"-----BEGIN" in data else load_der_private_key
    key = load(data, passphrase)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("a signing key is RSA or elliptic")
    return key


_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
_NAMES = {cms.Sort.CBC: b"enveloped-data", cms.Sort.GCM: b"authEnveloped-data"}  # RFC 8551 section 3.2.2

_HEAD = b"""\
MIME-Version: 1.0
Content-Type: application/pkcs7-mime; smime-type=SORT;
 name="smime.p7m"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="smime.p7m"

""".replace(b"\n", b"\r\n")

_SIGNED_HEAD = b"""\
Content-Type: multipart/signed; protocol="application/pkcs7-signature";
 micalg=sha-256; boundary="BOUNDARY"

--BOUNDARY
""".replace(b"\n", b"\r\n")

_SIGNED_TAIL = b"""
--BOUNDARY
Content-Type: application/pkcs7-signature; name="smime.p7s"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="smime.p7s"

""".replace(b"\n", b"\r\n")
