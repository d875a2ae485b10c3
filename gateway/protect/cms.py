"""Writes and checks CMS envelopes: enveloped-data by AES-256-CBC (RFC 5652), or AuthEnvelopedData by AES-256-GCM.

Input: our own payload, and certificates that passed ``x509_gate``. Failure: ``MalformedEnvelope`` from the check.
AuthEnvelopedData (RFC 5083, 5084) has no authenticated attributes, as its content is plain data (RFC 5083 section 2.1).

The cryptography is the ``cryptography`` library's; only structure is written here, and the content streams through,
so that a large mail is not in memory several times. The library's own ``PKCS7EnvelopeBuilder`` holds three copies more
and knows no elliptic keys (docs/adr/0003).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.protect.recipient_infos import entry
from gateway.protect.x509_gate import LiveCertificate

_KEY = 32
_BLOCK = 16
_NONCE = 12
_MAC = 16
_CHUNK = 1 << 18
_SEQUENCE, _SET, _CONTEXT_0, _CONTENT = 0x30, 0x31, 0xA0, 0x80


class MalformedEnvelope(ValueError):
    """Not the envelope that was meant to be written."""


class Sort(StrEnum):
    """How the content is enciphered; the value is the cipher's name in asn1crypto."""

    CBC = "aes256_cbc"
    GCM = "aes256_gcm"

    @property
    def content(self) -> str:
        """The content type's name in asn1crypto."""
        return "authenticated_enveloped_data" if self is Sort.GCM else "enveloped_data"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope's outside says: (issuer, serial) of each recipient, and the cipher."""

    recipients: tuple[tuple[bytes, int], ...]
    cipher: Sort


class _GcmParameters(core.Sequence):  # type: ignore[misc] # asn1crypto has no types
    _fields = [("nonce", core.OctetString), ("length", core.Integer)]  # noqa: RUF012 - asn1crypto's own way


_SORTS = {sort.content: sort for sort in Sort}


def seal(pieces: Sequence[bytes | memoryview], recipients: Sequence[LiveCertificate], sort: Sort) -> Iterator[bytes]:
    """The DER of ContentInfo around the envelope, in pieces. ``pieces`` together are the content."""
    key, start = secrets.token_bytes(_KEY), secrets.token_bytes(_NONCE if sort is Sort.GCM else _BLOCK)
    length = sum(len(p) for p in pieces)
    fill = 0 if sort is Sort.GCM else _BLOCK - length % _BLOCK
    yield _head(key, start, recipients, length + fill, sort)
    mode = modes.GCM(start) if sort is Sort.GCM else modes.CBC(start)
    encryptor = Cipher(algorithms.AES256(key), mode).encryptor()
    for piece in pieces:
        view = memoryview(piece)
        for at in range(0, len(view), _CHUNK):
            yield encryptor.update(view[at : at + _CHUNK])
    yield encryptor.update(bytes([fill]) * fill) + encryptor.finalize()
    if sort is Sort.GCM:
        yield core.OctetString(encryptor.tag).dump()  # type: ignore[attr-defined] # GCM's encryptor alone has it


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
        sort = _SORTS[cms.ContentType.load(kind).native]
        end = total - _after(sort)
        content, _ = _enter(head, at, _SEQUENCE, end)
        _, at = _element(head, content)  # the content type
        algorithm, at = _element(head, at)
        _enter(head, at, _CONTENT, end)
        if algos.EncryptionAlgorithm.load(algorithm, strict=True)["algorithm"].native != sort:
            raise MalformedEnvelope("another cipher than was meant")
        return Envelope(tuple(n for i in cms.RecipientInfos.load(infos, strict=True) for n in _names(i)), sort)
    except (ValueError, IndexError, TypeError, KeyError) as e:
        raise MalformedEnvelope("the envelope cannot be read") from e


def _after(sort: Sort) -> int:
    """Octets behind the content: an OCTET STRING of the MAC, or nothing."""
    return 2 + _MAC if sort is Sort.GCM else 0


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


def _head(key: bytes, start: bytes, recipients: Sequence[LiveCertificate], length: int, sort: Sort) -> bytes:
    """Everything before the encrypted content of ``length`` octets."""
    infos = cms.RecipientInfos([entry(key, r) for r in recipients])
    content = core.ObjectIdentifier(cms.ContentType.unmap("data")).dump() + _algorithm(start, sort)
    content += _header(_CONTENT, length)
    enveloped = core.Integer(_version(infos, sort)).dump() + infos.dump()
    enveloped += _header(_SEQUENCE, len(content) + length) + content
    rest = length + _after(sort)
    wrapped = _header(_SEQUENCE, len(enveloped) + rest) + enveloped
    info = core.ObjectIdentifier(cms.ContentType.unmap(sort.content)).dump()
    info += _header(_CONTEXT_0, len(wrapped) + rest) + wrapped
    return bytes(_header(_SEQUENCE, len(info) + rest) + info)


def _version(infos: cms.RecipientInfos, sort: Sort) -> int:
    """RFC 5652 section 6.1; AuthEnvelopedData's is always 0 (RFC 5083 section 2.1)."""
    return 2 if sort is Sort.CBC and any(i.name == "kari" for i in infos) else 0


def _algorithm(start: bytes, sort: Sort) -> bytes:
    """With the initialisation vector, or GCMParameters (RFC 5084 section 3.2)."""
    parameters = core.OctetString(start)
    if sort is Sort.GCM:
        parameters = _GcmParameters({"nonce": start, "length": _MAC})
    return bytes(algos.EncryptionAlgorithm({"algorithm": sort.value, "parameters": parameters}).dump())


def _header(tag: int, length: int) -> bytes:
    if length < 0x80:  # noqa: PLR2004 - DER's short form
        return bytes([tag, length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets
