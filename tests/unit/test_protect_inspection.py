"""What `keys add` reads: every kind of file in which people hand in keys."""

from __future__ import annotations

import pysequoia
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decision import Method
from gateway.protect.inspection import inspect
from gateway.protect.pgp_gate import pass_gate
from tests.support import protect_specimens as s
from tests.support.protect_specimens import DAY, NOW, YEAR


def test_an_openpgp_certificate_binary_or_armoured() -> None:
    """The same key either way, with what a person wants to read."""
    binary = s.carer_pgp()[1]
    armoured = str(pysequoia.Cert.from_bytes(binary)).encode()
    for data in (binary, armoured):
        (found,) = inspect(data)
        assert found.stored.method is Method.OPENPGP
        assert len(found.stored.fingerprint) == 40
        assert found.addresses == ("carer@carers.example",)
        assert found.expires_at == NOW + YEAR
        assert not found.had_secret
        assert pass_gate(found.stored.data, NOW)


def test_a_secret_key_is_never_stored_and_is_pointed_out() -> None:
    """Somebody sent the wrong file."""
    (found,) = inspect(s.carer_pgp()[0])
    assert found.had_secret
    assert not pysequoia.Cert.from_bytes(found.stored.data).has_secret_keys
    key, cert = s.carer_smime(elliptic=True)
    (found,) = inspect(key + cert)
    assert found.had_secret
    assert b"PRIVATE" not in found.stored.data


def test_a_key_ring_gives_every_key() -> None:
    """Two in one file."""
    assert len(inspect(s.carer_pgp()[1] + s.service_pgp()[1])) == 2


def test_an_x509_certificate_as_pem_der_or_p7b() -> None:
    """As Outlook and others export it."""
    pem = s.carer_smime(elliptic=True)[1]
    cert = x509.load_pem_x509_certificate(pem)
    forms = [pem, cert.public_bytes(Encoding.DER)]
    forms += [pkcs7.serialize_certificates([cert], e) for e in (Encoding.DER, Encoding.PEM)]
    for data in forms:
        (found,) = inspect(data)
        assert found.stored.method is Method.SMIME
        assert found.stored.data == cert.public_bytes(Encoding.DER)
        assert found.addresses == ("carer@carers.example",)
        assert found.expires_at == NOW - DAY + YEAR


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_other_file_is_no_key(data: bytes) -> None:
    """An empty answer, never an error."""
    assert inspect(data) == []
    assert inspect(b"-----BEGIN CERTIFICATE-----\n" + data) == []
    assert inspect(b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + data) == []
