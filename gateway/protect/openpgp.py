"""Protecting by OpenPGP/MIME: signed by the service and encrypted to the recipient in one (RFC 3156 section 6.2).

Input: the message and the register's certificates, both untrusted; the certificates pass ``pgp_gate`` at each use (with
the memory of ``gate_memory``).
Failure: ``UnusableKey`` or ``ProtectionFailed``; nothing readable is ever returned.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from datetime import datetime

from pysequoia import Cert, PySigner, Tsk, encrypt

from domain.decision import Method
from domain.errors import ConfigurationError, ProtectionFailed, UnusableKey
from domain.model import Address, Envelope, Message
from domain.outgoing import ProtectedMessage
from domain.ports import KeyVerdict, StoredKey
from gateway.protect.containment import is_failure
from gateway.protect.decoy import decoy, without_decoy
from gateway.protect.encoding import Base64Lines, crc24
from gateway.protect.gate_memory import GateMemory
from gateway.protect.headers import NEUTRAL_SUBJECT, Division, divide
from gateway.protect.packets import MalformedPackets, read_encrypted
from gateway.protect.pgp_gate import LiveCertificate

_CHECKSUMMED_VERSION = 1  # SEIPDv1; RFC 9580 section 6.1 wants no armour check sum around version 2


class OpenPGP:
    """The ``Protector`` port by pysequoia. ``signing_key`` is the service's secret key, armoured or binary.

    Raises ``ConfigurationError`` where the key or its passphrase cannot be used.
    """

    method = Method.OPENPGP

    def __init__(
        self, signing_key: bytes, passphrase: bytes | None = None, neutral_subject: str = NEUTRAL_SUBJECT
    ) -> None:
        self._neutral_subject = neutral_subject
        self._gate = GateMemory()
        try:
            key = Tsk.from_bytes(signing_key)
            self._signer: PySigner = key.signer(passphrase.decode() if passphrase else None)
            self._own: Cert = key.extract_certificate()
        except BaseException as e:
            if not is_failure(e):
                raise
            raise ConfigurationError(
                "the OpenPGP signing key cannot be used", public="The OpenPGP signing key or its passphrase is wrong."
            ) from e

    @property
    def certificate(self) -> bytes:
        """The public half, binary: what recipients need in order to verify."""
        return bytes(self._own)

    def examine(self, key: StoredKey, now: datetime) -> KeyVerdict:
        """The gate's verdict; see ``pgp_gate``. Never raises on a hostile key."""
        try:
            live = self._gate.pass_gate(key.data, now)
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
        """See ``domain.ports.Protector``. Every key passes the gate again, and must be this recipient's."""
        live = [_of_recipient(self._gate.pass_gate(k.data, now), k, recipient) for k in keys]
        if not live:
            raise UnusableKey("no key to encrypt to")
        self._require_own_key(now)
        division = divide(message, envelope, subject, self._neutral_subject)
        key_ids = tuple(sorted({i for c in live for i in c.key_ids}))
        cipher, version = self._encrypt(division, live, key_ids)
        content = _compose(division.outer, cipher, checksum=version == _CHECKSUMMED_VERSION)
        return ProtectedMessage(envelope.sender, recipient, Method.OPENPGP, key_ids, content)

    def _require_own_key(self, now: datetime) -> None:
        if self._own.is_revoked or (self._own.expiration is not None and self._own.expiration <= now):
            raise ProtectionFailed("the service's own OpenPGP key has expired or is revoked")

    def _encrypt(
        self, division: Division, live: Sequence[LiveCertificate], key_ids: Sequence[str]
    ) -> tuple[memoryview, int]:
        """The binary message, checked to be encrypted to exactly these keys; and its version."""
        try:
            cipher = self._sealed(b"".join((division.inner, division.body)), live, frozenset(key_ids))
            seen = read_encrypted(cipher)
        except MalformedPackets as e:
            raise ProtectionFailed("the engine's output is not an encrypted message") from e
        except BaseException as e:
            if is_failure(e):
                raise ProtectionFailed("the OpenPGP engine failed", cause=type(e).__name__) from e
            raise
        if sorted(seen.key_ids) != sorted(key_ids):
            raise ProtectionFailed("the engine encrypted to other keys than the intended ones")
        if seen.version != _CHECKSUMMED_VERSION and not all(c.reads.v2 for c in live):
            raise ProtectionFailed("the engine wrote a version that the recipient's program may not read")
        return cipher, seen.version

    def _sealed(self, payload: bytes, live: Sequence[LiveCertificate], real: frozenset[str]) -> memoryview:
        certs = [c.cert for c in live]
        if all(c.reads.v2 or not c.reads.silent for c in live):
            return memoryview(encrypt(payload, recipients=certs, signer=self._signer, armor=False))
        sealed = encrypt(payload, recipients=[decoy(), *certs], signer=self._signer, armor=False)
        return without_decoy(sealed, real)


def _of_recipient(live: LiveCertificate, key: StoredKey, recipient: Address) -> LiveCertificate:
    if live.addresses and (key.address or recipient.key) not in live.addresses:
        raise UnusableKey("it is made out to another address")
    return live


def _compose(outer: bytes, cipher: memoryview, *, checksum: bool) -> bytes:
    """The whole message (RFC 3156 section 4), armoured with a check sum, without which gpg 2.2 complains."""
    boundary = f"=_{secrets.token_hex(16)}"  # "_" is not in the base64 alphabet
    out = io.BytesIO()
    out.write(outer)
    out.write(_HEAD.format(boundary=boundary).replace("\n", "\r\n").encode("ascii"))
    lines = Base64Lines(out)
    lines.write(cipher)
    lines.finish()
    if checksum:
        check = io.BytesIO()
        summed = Base64Lines(check)
        summed.write(crc24(cipher).to_bytes(3))
        summed.finish()
        out.write(b"=" + check.getvalue())
    out.write(f"-----END PGP MESSAGE-----\r\n\r\n--{boundary}--\r\n".encode("ascii"))
    return out.getvalue()


_HEAD = """\
MIME-Version: 1.0
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";
 boundary="{boundary}"

This message is encrypted (OpenPGP/MIME, RFC 3156).
--{boundary}
Content-Type: application/pgp-encrypted

Version: 1

--{boundary}
Content-Type: application/octet-stream; name="encrypted.asc"
Content-Disposition: inline; filename="encrypted.asc"

-----BEGIN PGP MESSAGE-----

"""
