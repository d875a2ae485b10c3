"""Every specimen of the corpus, protected: what the recipient opens is the mail as it was written, to the octet."""

from __future__ import annotations

import re
from functools import cache

import pysequoia
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs7

from domain.outgoing import ProtectedMessage
from gateway.mime.fields import BLIND
from gateway.protect.headers import HeaderField, read_fields
from gateway.protect.openpgp import OpenPGP
from gateway.protect.smime import SMIME
from tests.support import protect_specimens as s
from tests.support.corpus import Specimen, specimens
from tests.support.protect_specimens import CARER, NOW

SPECIMENS = specimens()
_DROPPED = BLIND | {"received", "return-path"}
_OURS = re.compile(rb';\s*hp="cipher"')


@cache
def _openpgp() -> OpenPGP:
    return OpenPGP(s.service_pgp()[0])


@cache
def _smime() -> SMIME:
    return SMIME(s.service_smime()[1], s.service_smime()[0])


@cache
def _opener() -> tuple[x509.Certificate, RSAPrivateKey]:
    secret, certificate = s.carer_smime()
    key = load_pem_private_key(secret, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return x509.load_pem_x509_certificate(certificate), key


def by_openpgp(specimen: Specimen) -> bytes:
    """What the carer's OpenPGP key opens."""
    protected = _protect(_openpgp(), specimen, s.pgp(s.carer_pgp()[1]))
    armour = protected.content[protected.content.index(b"-----BEGIN PGP MESSAGE") :]
    return bytes(pysequoia.decrypt(armour, pysequoia.Tsk.from_bytes(s.carer_pgp()[0]).decryptor()).bytes)


def by_smime(specimen: Specimen) -> bytes:
    """What the carer's certificate opens: the part of the multipart/signed inside."""
    protected = _protect(_smime(), specimen, s.smime(s.carer_smime()[1]))
    signed = pkcs7.pkcs7_decrypt_smime(protected.content, *_opener(), [])
    boundary = b"\r\n--" + re.search(rb'boundary="([^"]+)"', signed)[1] + b"\r\n"
    return signed.split(boundary)[1]


def _protect(protector: OpenPGP | SMIME, specimen: Specimen, key: s.StoredKey) -> ProtectedMessage:
    return protector.protect(s.message(specimen.raw), s.ENVELOPE, CARER, [key], s.SUBJECT, NOW)


def _written(block: bytes, *, subject: bool = False) -> list[HeaderField]:
    """The fields that a person's mail program wrote, in order, without our mark in Content-Type."""
    fields = [f for f in read_fields(block) if f.key not in {*_DROPPED, "hp-outer"}]
    return [HeaderField(f.name, _OURS.sub(b"", f.value)) for f in fields if f.key != "subject" or subject]


@pytest.mark.parametrize("opens", [by_openpgp, by_smime])
@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda each: each.name)
def test_it_opens_to_what_was_written(specimen: Specimen, opens: object) -> None:
    """The body to the octet; the fields in their order, with their values, without Bcc and traces."""
    opened = opens(specimen)
    header, _, body = opened.partition(b"\r\n\r\n")
    original, _, original_body = specimen.raw.partition(b"\r\n\r\n")
    assert body == original_body
    ours = _written(original)
    assert _written(header)[: len(ours)] == ours
    assert {f.key for f in _written(header)[len(ours) :]} <= {"content-type"}
